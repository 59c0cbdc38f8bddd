import { type Descriptor, type FetchOptions, galleyError, isGalleyError } from "@galley/spec";
import { checkBlobReply } from "./check-blob-reply.ts";
import { foreignPlaces } from "./foreign-places.ts";
import type { Reply } from "./http.ts";
import { progressBytes } from "./limits.ts";
import { pause, retryDelayMs } from "./retry.ts";
import { type Call, callOnce, callRepeatedly, corrupt, type Session } from "./session.ts";
import type { TransferOptions } from "./transfer.ts";

/**
 * A blob as a stream. A cut connection is resumed where it broke, by a range; each blob has retries of its own, and
 * gets new ones when it has made progress. Never gives more bytes than the descriptor says, nor fewer without an
 * error. The first request is made, and answers "absent", before this resolves. Takes one of the session's transfers
 * until the stream is read or left.
 */
export async function fetchBlob(
  session: Session,
  descriptor: Descriptor,
  { offsetBytes = 0, ...options }: FetchOptions & TransferOptions = {},
): Promise<AsyncIterable<Uint8Array>> {
  const from: Position = { session, descriptor, options, offsetBytes, shortAnswers: 0 };
  if (offsetBytes >= descriptor.size) return nothing();
  const leave = await session.transfers.enter(options.signal);
  try {
    const first = await firstReply(from);
    return leavable(resuming(from, { first, leave }), () => {
      leave();
      void first.drop();
    });
  } catch (error) {
    leave();
    throw error;
  }
}

/** A generator that was never begun does not run its `finally`; whoever leaves it so must free its connection, too. */
function leavable(content: AsyncGenerator<Uint8Array, void>, unread: () => void): AsyncIterable<Uint8Array> {
  let begun = false;
  const iterator: AsyncIterator<Uint8Array, void> = {
    next() {
      begun = true;
      return content.next();
    },
    return() {
      if (!begun) unread();
      return content.return();
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

/** How far a blob has come. */
interface Position {
  readonly session: Session;
  readonly descriptor: Descriptor;
  readonly options: TransferOptions;
  offsetBytes: number;
  /** Instead of the registry. */
  place?: URL;
  /** Answers in a row that ended properly, and brought nothing although something is missing. */
  shortAnswers: number;
}

async function* nothing(): AsyncIterable<Uint8Array> {}

/** From the registry, or else from where its descriptor says that the blob is. */
async function firstReply(position: Position): Promise<Reply> {
  const { session, descriptor } = position;
  try {
    return checked(position, await callRepeatedly(session, rangeCall(position)));
  } catch (error) {
    const origin = await session.origin;
    const places = isGalleyError(error, "not-found") && origin ? foreignPlaces(session, origin, descriptor) : [];
    let failure = error;
    for (const place of places) {
      position.place = place;
      try {
        return checked(position, await callRepeatedly(session, rangeCall(position)));
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }
}

function rangeCall({ descriptor, options, offsetBytes, place }: Position): Call {
  return {
    ...(options.signal && { signal: options.signal }),
    method: "GET",
    ...(place ? { at: place, anonymous: true } : { at: `blobs/${descriptor.digest}` }),
    doing: `fetch blob ${descriptor.digest}`,
    access: "pull",
    accept: [200, 206, 416],
    // What is stored is what is wanted: a proxy that compresses on the way would give other bytes than asked for.
    headers: { "accept-encoding": "identity", ...(offsetBytes > 0 && { range: `bytes=${offsetBytes}-` }) },
  };
}

function checked(position: Position, reply: Reply): Reply {
  const problem = checkBlobReply(reply, position.descriptor, position.offsetBytes);
  if (problem === undefined) return reply;
  void reply.drop();
  const { session, descriptor } = position;
  throw corrupt(session, problem.code, `blob ${descriptor.digest} ${problem.message}`, descriptor);
}

interface Resources {
  readonly first: Reply;
  readonly leave: () => void;
}

async function* resuming(position: Position, { first, leave }: Resources): AsyncGenerator<Uint8Array, void> {
  const { session, options } = position;
  let reply: Reply | undefined = first;
  let failures = 0;
  let markBytes = position.offsetBytes;
  try {
    for (;;) {
      try {
        reply ??= checked(position, await callOnce(session, rangeCall(position)));
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
  } finally {
    leave();
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
  const { session, descriptor, options } = position;
  const startBytes = position.offsetBytes;
  // A registry that ignores the range begins at the start.
  let skipBytes = reply.status === 200 ? startBytes : 0;
  for await (const bytes of reply.stream()) {
    const fresh = skipBytes >= bytes.byteLength ? undefined : bytes.subarray(skipBytes);
    skipBytes = Math.max(0, skipBytes - bytes.byteLength);
    if (!fresh) continue;
    if (position.offsetBytes + fresh.byteLength > descriptor.size) {
      const message = `blob ${descriptor.digest} has more than ${descriptor.size} bytes`;
      throw corrupt(session, "size-mismatch", message, descriptor);
    }
    position.offsetBytes += fresh.byteLength;
    options.onProgress?.({ descriptor, receivedBytes: position.offsetBytes, totalBytes: descriptor.size });
    yield fresh;
  }
  if (position.offsetBytes >= descriptor.size) return;
  position.shortAnswers = position.offsetBytes > startBytes ? 0 : position.shortAnswers + 1;
  throw truncated(position);
}

function truncated({ session, descriptor, offsetBytes, shortAnswers }: Position): Error {
  const message = `blob ${descriptor.digest} ends after ${offsetBytes} of ${descriptor.size} bytes`;
  // Once may be a proxy's mishap. Asked for the rest and given nothing, there is no rest.
  if (shortAnswers > 0) return corrupt(session, "size-mismatch", message, descriptor);
  const details = { digest: descriptor.digest, receivedBytes: offsetBytes, transient: true };
  return galleyError("unavailable", "registry.truncated", `${session.name}: ${message}`, { details });
}
