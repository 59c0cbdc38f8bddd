import { addAbortSignal, pipeline, Readable, type Transform } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { galleyError, isGalleyError, type LayerCompression, wrapError } from "@galley/spec";
import { chunkBytes, decodedChunkBytes } from "../limits.ts";
import { decodeFrames } from "./decode-frames.ts";

/** How bytes are compressed. */
export type Compression = LayerCompression;

/** Options of `decompress`. */
export interface DecompressOptions {
  /** Left out: told by the first bytes, since media types are often wrong about it. */
  readonly compression?: Compression | undefined;
  /**
   * Refuse output larger than `floorBytes` and than `ratio` times the input so far: unsupported `image.expansion`. Off
   * unless given; gzip reaches 1000 with nothing but zeros.
   */
  readonly maxExpansion?: { readonly ratio: number; readonly floorBytes: number } | undefined;
  /**
   * Each piece is gone when the next one is asked for, instead of whenever it is collected as garbage: that keeps memory low and
   * spares V8 the work. `layerSteps` reads so.
   */
  readonly shortLived?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Decompresses gzip (of any number of members) and zstd (of any number of frames). Input that ends early is corrupt
 * `image.truncated`, damaged input corrupt `image.compression`. After the last gzip member zeros are padding and are
 * passed over; anything else is damage, as it is to Go's reader.
 *
 * @example
 * for await (const chunk of decompress(blob)) digester.update(chunk);
 */
export async function* decompress(
  input: AsyncIterable<Uint8Array>,
  options: DecompressOptions = {},
): AsyncIterable<Uint8Array> {
  const { first, all } = await peek(input);
  const compression = options.compression ?? detectCompression(first);
  const counts = { in: 0, out: 0 };
  const counted = counting(all, counts);
  const output = compression === "none" ? counted : decoded(counted, { compression, signal: options.signal });
  for await (const chunk of output) {
    counts.out += chunk.length;
    if (options.signal?.aborted) throw wrapError("decompress a layer", options.signal.reason);
    checkExpansion(counts, options.maxExpansion);
    yield chunk;
    if (options.shortLived && compression !== "none") free(chunk);
  }
}

/**
 * Frees the memory of a decoder's output. A decoder fills one buffer after the other, so its last piece is the last to be read of
 * it; what is smaller may lie in Node's pool, together with what is others'.
 */
function free({ buffer, byteOffset, byteLength }: Uint8Array): void {
  const isLast = byteOffset + byteLength === buffer.byteLength;
  if (isLast && buffer.byteLength >= decodedChunkBytes && buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/**
 * How bytes that begin so are compressed: the first bytes of gzip (RFC 1952, 2.3.1) and of zstd, also of its skippable frames
 * (RFC 8878, 3.1).
 *
 * @example
 * detectCompression(Uint8Array.of(0x1f, 0x8b, 8, 0)); // "gzip"
 */
export function detectCompression([a = 0, b = 0, c = 0, d = 0]: Uint8Array): Compression {
  if (a === 0x1f && b === 0x8b) return "gzip";
  if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) return "zstd";
  if ((a & 0xf0) === 0x50 && b === 0x2a && c === 0x4d && d === 0x18) return "zstd";
  return "none";
}

/** The first bytes, and the stream with them still in it. */
async function peek(input: AsyncIterable<Uint8Array>): Promise<{ first: Uint8Array; all: AsyncIterable<Uint8Array> }> {
  const iterator = input[Symbol.asyncIterator]();
  let first: Uint8Array = new Uint8Array();
  while (first.length < 4) {
    const { value, done } = await iterator.next();
    if (done) break;
    first = first.length === 0 ? value : Buffer.concat([first, value]);
  }
  return { first, all: resumed(first, iterator) };
}

async function* resumed(first: Uint8Array, iterator: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  try {
    if (first.length > 0) yield first;
    yield* { [Symbol.asyncIterator]: () => iterator };
  } finally {
    await iterator.return?.();
  }
}

async function* counting(input: AsyncIterable<Uint8Array>, counts: { in: number }): AsyncIterable<Uint8Array> {
  for await (const chunk of input) {
    counts.in += chunk.length;
    yield chunk;
  }
}

async function* decoded(
  input: AsyncIterable<Uint8Array>,
  options: { compression: "gzip" | "zstd"; signal: AbortSignal | undefined },
): AsyncIterable<Uint8Array> {
  const { compression, signal } = options;
  const makeDecoder = () => {
    const decoder =
      compression === "gzip"
        ? createGunzip({ chunkSize: decodedChunkBytes })
        : createZstdDecompress({ chunkSize: decodedChunkBytes });
    return signal ? addAbortSignal(signal, decoder) : decoder;
  };
  try {
    if (compression === "zstd") yield* decodeFrames(input, makeDecoder);
    else yield* piped(input, makeDecoder());
  } catch (error) {
    throw decodeError(error, compression);
  }
}

/** Node's gunzip goes on from member to member by itself. */
function piped(input: AsyncIterable<Uint8Array>, decoder: Transform): AsyncIterable<Uint8Array> {
  pipeline(Readable.from(input, { objectMode: false, highWaterMark: chunkBytes }), decoder, () => {});
  return decoder as AsyncIterable<Uint8Array>;
}

function decodeError(error: unknown, compression: Compression): Error {
  const { code } = error as { code?: string };
  if (isGalleyError(error)) return error;
  if (code === "Z_BUF_ERROR" || code === "ZSTD_error_srcSize_wrong")
    return galleyError("corrupt", "image.truncated", `the ${compression} data of the layer ends early`, {
      cause: error,
    });
  if (code?.startsWith("Z_") || code?.startsWith("ZSTD_"))
    return galleyError("corrupt", "image.compression", `the ${compression} data of the layer is damaged`, {
      cause: error,
    });
  return wrapError("decompress a layer", error);
}

function checkExpansion(counts: { in: number; out: number }, limit: DecompressOptions["maxExpansion"]): void {
  if (!limit || counts.out <= limit.floorBytes || counts.out <= counts.in * limit.ratio) return;
  const message = `the layer grows from ${counts.in} to more than ${counts.out} bytes, beyond the ratio of ${limit.ratio}`;
  throw galleyError("unsupported", "image.expansion", message, { details: { ...counts } });
}
