import { pipeline, Readable, type Transform } from "node:stream";
import { constants, createZstdCompress } from "node:zlib";
import type { LayerCompression } from "@galley/spec";
import { chunkBytes } from "../limits.ts";
import { gzipBlocks } from "./gzip-blocks.ts";

/** Options of `compress`. */
export interface CompressOptions {
  readonly compression: LayerCompression;
  /** 1 to 9 for gzip (6 when left out), 1 to 19 for zstd (3). */
  readonly level?: number | undefined;
}

/**
 * Compresses a stream. The same bytes in give the same bytes out with the same release of Node.
 *
 * @example
 * const blob = compress(createLayer(entries), { compression: "gzip" });
 */
export function compress(
  input: AsyncIterable<Uint8Array>,
  { compression, level }: CompressOptions,
): AsyncIterable<Uint8Array> {
  if (compression === "none") return input;
  if (compression === "gzip") return gzipBlocks(input, level);
  const params = { [constants.ZSTD_c_compressionLevel]: level ?? 3 };
  const encoder = createZstdCompress({ chunkSize: chunkBytes, params });
  pipeline(Readable.from(input, { objectMode: false }), encoder, () => {});
  return encoder as Transform & AsyncIterable<Uint8Array>;
}
