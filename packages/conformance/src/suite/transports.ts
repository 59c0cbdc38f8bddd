import { pipeline, Readable, type Transform } from "node:stream";
import { createGzip, createZstdCompress, gzipSync, zstdCompressSync } from "node:zlib";

type Chunks = Iterable<Uint8Array>;
type Stream = AsyncIterable<Uint8Array>;

const fast = { level: 1 };

/**
 * The ways in which an archive comes: as a stream of bytes, made while it is read.
 */
export const transports = {
  plain: (archive: Chunks): Stream => Readable.from(archive),
  gzip: (archive: Chunks): Stream => through(archive, createGzip(fast)),
  zstd: (archive: Chunks): Stream => through(archive, createZstdCompress()),
  /** Every piece a member of its own (RFC 1952, 2.2); cheap to make of any number of zeros. */
  "gzip members": (archive: Chunks): Stream => pieces(archive, (piece) => gzipSync(piece, fast)),
  /** Every piece a frame of its own (RFC 8878, 3.1). */
  "zstd frames": (archive: Chunks): Stream => pieces(archive, (piece) => zstdCompressSync(piece)),
  /** A table of contents in a skippable frame, as zstd:chunked has it. */
  "zstd with a skippable frame": (archive: Chunks): Stream =>
    Readable.from([zstdCompressSync(joined(archive)), skippable]),
  "gzip in pieces of 7 bytes": (archive: Chunks): Stream => Readable.from(cut(gzipSync(joined(archive)), 7)),
  "plain in pieces of 1 byte": (archive: Chunks): Stream => Readable.from(cut(joined(archive), 1)),
  "gzip padded with zeros": (archive: Chunks): Stream =>
    Readable.from([gzipSync(joined(archive)), new Uint8Array(5000)]),
  "gzip with garbage behind it": (archive: Chunks): Stream =>
    Readable.from([gzipSync(joined(archive)), Buffer.from("garbage")]),
  "zstd with garbage behind it": (archive: Chunks): Stream =>
    Readable.from([zstdCompressSync(joined(archive)), Buffer.from("garbage")]),
  "gzip that ends early": (archive: Chunks): Stream => Readable.from([gzipSync(joined(archive)).subarray(0, -9)]),
  "zstd that ends early": (archive: Chunks): Stream =>
    Readable.from([zstdCompressSync(joined(archive)).subarray(0, -3)]),
  "gzip with a wrong sum": (archive: Chunks): Stream => Readable.from([bent(gzipSync(joined(archive)), -6)]),
  "gzip with a bent byte": (archive: Chunks): Stream => Readable.from([bent(gzipSync(joined(archive)), 12)]),
  "gzip header and nothing more": (): Stream => Readable.from([gzipSync("x").subarray(0, 10)]),
  "gzip in gzip": (archive: Chunks): Stream => Readable.from([gzipSync(gzipSync(joined(archive)))]),
} as const;

/** The name of a transport. */
export type TransportName = keyof typeof transports;

/** Those that every archive comes by unless it says otherwise. */
export const usualTransports: readonly TransportName[] = ["plain", "gzip", "zstd"];

/** RFC 8878, 3.1.2: magic number, length, anything. */
const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]);

function through(archive: Chunks, encoder: Transform): Stream {
  return pipeline(Readable.from(archive), encoder, () => {});
}

async function* pieces(archive: Chunks, encode: (piece: Uint8Array) => Uint8Array): Stream {
  let last: { readonly piece: Uint8Array; readonly encoded: Uint8Array } | undefined;
  for (const piece of archive) {
    if (!last || Buffer.compare(last.piece, piece) !== 0) last = { piece, encoded: encode(piece) };
    yield last.encoded;
  }
}

function joined(archive: Chunks): Uint8Array {
  return Buffer.concat([...archive]);
}

function* cut(bytes: Uint8Array, length: number): Chunks {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

function bent(bytes: Uint8Array, at: number): Uint8Array {
  const place = at < 0 ? bytes.length + at : at;
  return Buffer.from(bytes.with(place, (bytes[place] ?? 0) ^ 0x5a));
}
