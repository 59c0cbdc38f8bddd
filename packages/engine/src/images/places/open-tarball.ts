import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { galleyError, wrapError } from "@galley/spec";
import { systemError } from "../../system-error.ts";

const readBytes = 1024 * 1024;

/** First bytes of what we do not decompress. */
const refused: readonly [name: string, first: RegExp][] = [
  ["xz", /^fd377a585a00/],
  ["bzip2", /^425a683[1-9]/],
  ["lzip", /^4c5a4950/],
  ["zip", /^504b0304/],
];

/**
 * The bytes of a tar archive at a host path or an address, or of a stream, as they are.
 *
 * @throws not-found, forbidden, unavailable; unsupported engine.compression for compressions that are not read
 */
export async function openTarball(
  from: string | AsyncIterable<Uint8Array>,
  options: { readonly signal?: AbortSignal },
): Promise<AsyncIterable<Uint8Array>> {
  if (typeof from !== "string") return known(from);
  if (/^https?:\/\//.test(from)) return known(await download(from, options));
  const found = await stat(from).catch((error: unknown) => {
    throw systemError(`open ${from}`, error);
  });
  if (found.isDirectory()) throw galleyError("invalid", "engine.not-a-tarball", `${from} is a directory`);
  return known(createReadStream(from, { highWaterMark: readBytes, ...options }) as AsyncIterable<Uint8Array>);
}

async function download(
  url: string,
  { signal }: { readonly signal?: AbortSignal },
): Promise<AsyncIterable<Uint8Array>> {
  const reply = await fetch(url, signal ? { signal } : {}).catch((error: unknown) => {
    if (signal?.aborted) throw wrapError(`get ${url}`, error);
    const { cause = error } = error as { cause?: unknown };
    throw galleyError("unavailable", "engine.download", `get ${url}: ${(cause as Error).message}`, { cause: error });
  });
  if (reply.ok && reply.body) return reply.body as AsyncIterable<Uint8Array>;
  await reply.body?.cancel();
  throw galleyError(
    reply.status === 404 ? "not-found" : "unavailable",
    "engine.download",
    `get ${url}: ${reply.status}`,
  );
}

async function* known(content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let first = true;
  for await (const chunk of content) {
    if (first && chunk.length > 0) refuse(chunk);
    first &&= chunk.length === 0;
    yield chunk;
  }
}

function refuse(chunk: Uint8Array): void {
  const hex = Buffer.from(chunk.subarray(0, 8)).toString("hex");
  const other = refused.find(([, magic]) => magic.test(hex));
  if (!other) return;
  const message = `it is compressed with ${other[0]}; gzip and zstd are read`;
  throw galleyError("unsupported", "engine.compression", message);
}
