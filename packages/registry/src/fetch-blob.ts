import type { Descriptor, FetchOptions } from "@galley/spec";
import { galleyError, isGalleyError } from "@galley/spec";
import type { Reply } from "./http.ts";
import { progressBytes } from "./limits.ts";
import { pause, retryDelayMs } from "./retry.ts";
import { callOnce, callRepeatedly, corrupt, type Session } from "./session.ts";

/**
 * A blob as a stream. A cut connection is resumed where it broke, by a range; each blob has retries of its own, and
 * gets new ones when it has made progress. Never gives more bytes than the descriptor says, nor fewer without an
 * error. The first request is made, and answers "absent", before this resolves.
 */
export async function fetchBlob(
  session: Session,
  descriptor: Descriptor,
  { offsetBytes = 0, ...options }: FetchOptions = {},
): Promise<AsyncIterable<Uint8Array>> {
  const from: Position = { session, descriptor, options, offsetBytes };
  if (offsetBytes >= descriptor.size) return nothing();
  return resuming(from, await callRepeatedly(session, rangeCall(from)));
}

interface Position {
  readonly session: Session;
  readonly descriptor: Descriptor;
  readonly options: Pick<FetchOptions, "signal">;
  offsetBytes: number;
}

async function* nothing(): AsyncIterable<Uint8Array> {}

function rangeCall({ descriptor, options, offsetBytes }: Position): Parameters<typeof callOnce>[1] {
  return {
    ...options,
    method: "GET",
    at: `blobs/${descriptor.digest}`,
    doing: `fetch blob ${descriptor.digest}`,
    access: "pull",
    accept: [200, 206],
    headers: offsetBytes === 0 ? {} : { range: `bytes=${offsetBytes}-` },
  };
}

async function* resuming(position: Position, first: Reply): AsyncIterable<Uint8Array> {
  const { session, options } = position;
  let reply: Reply | undefined = first;
  let failures = 0;
  let markBytes = position.offsetBytes;
  for (;;) {
    try {
      reply ??= await callOnce(session, rangeCall(position));
      yield* body(position, reply);
      return;
    } catch (error) {
      if (position.offsetBytes - markBytes >= progressBytes) failures = 0;
      markBytes = position.offsetBytes;
      failures++;
      const delayMs = failures < session.retry.attempts ? resumeDelayMs(error, failures, session) : undefined;
      if (delayMs === undefined) throw error;
      await pause(delayMs, options.signal);
      reply = undefined;
    }
  }
}

/** A registry that answered before and now is not there may be restarting: that is worth waiting for, too. */
function resumeDelayMs(error: unknown, failures: number, { retry }: Session): number | undefined {
  const gone = isGalleyError(error) && error.code === "registry.unreachable";
  const transient = gone
    ? galleyError("unavailable", error.code, error.message, { details: { transient: true } })
    : error;
  return retryDelayMs(transient, failures, retry);
}

/** What is missing, from one answer. Moves the position. */
async function* body(position: Position, reply: Reply): AsyncIterable<Uint8Array> {
  const { session, descriptor } = position;
  let skipBytes = position.offsetBytes - startOf(position, reply);
  for await (const bytes of reply.stream()) {
    const fresh = skipBytes >= bytes.byteLength ? undefined : bytes.subarray(skipBytes);
    skipBytes = Math.max(0, skipBytes - bytes.byteLength);
    if (!fresh) continue;
    if (position.offsetBytes + fresh.byteLength > descriptor.size) {
      throw corrupt(
        session,
        "size-mismatch",
        `blob ${descriptor.digest} has more than ${descriptor.size} bytes`,
        descriptor,
      );
    }
    position.offsetBytes += fresh.byteLength;
    yield fresh;
  }
  if (position.offsetBytes < descriptor.size) throw truncated(position);
}

/** Where an answer begins: at the start when the registry has ignored the range. */
function startOf({ session, descriptor, offsetBytes }: Position, reply: Reply): number {
  if (reply.status === 200) return 0;
  const [, first] = /^bytes (\d{1,15})-/.exec(reply.header("content-range") ?? "") ?? [];
  if (Number(first) === offsetBytes) return offsetBytes;
  void reply.drop();
  throw corrupt(session, "bad-range", `blob ${descriptor.digest} came from another place than asked for`, descriptor);
}

function truncated({ session, descriptor, offsetBytes }: Position): Error {
  const message = `${session.name}: blob ${descriptor.digest} ends after ${offsetBytes} of ${descriptor.size} bytes`;
  const details = { digest: descriptor.digest, receivedBytes: offsetBytes, transient: true };
  return galleyError("unavailable", "registry.truncated", message, { details });
}
