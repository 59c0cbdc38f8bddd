import { galleyError } from "@galley/spec";
import type { LayerChange } from "../layer/layer-change.ts";
import { chunkBytes } from "../limits.ts";
import { blockBytes } from "../tar/tar-header.ts";
import { type TarEntry, tarEnd, tarEntry } from "../tar/tar-writer.ts";

/** Small pieces are sent on together, in about so many bytes. */
const batchBytes = 64 * 1024;
const zeros = new Uint8Array(chunkBytes);

/**
 * Changes as a layer's tar archive: the other direction of `layerChanges`. The same changes give the same bytes. Whiteouts become
 * `.wh.` names (OCI image-spec, layer.md "Whiteouts"), what ustar has no room for goes into pax headers, and holes are written as
 * zeros: programs that keep an archive's recipe to rebuild it later (tar-split) cannot rebuild a sparse one.
 *
 * @throws invalid image.file-size: a file with more or fewer bytes than were announced
 *
 * @example
 * const slim = writeChanges(without(layerChanges(tar), "usr/share/doc/"));
 */
export async function* writeChanges(batches: AsyncIterable<readonly LayerChange[]>): AsyncIterable<Uint8Array> {
  const writer = createWriter();
  for await (const batch of batches)
    for (const change of batch) {
      writer.write(change);
      if (change.type === "hole") {
        yield* writer.take();
        yield* zerosOf(change.sizeBytes);
      }
      if (writer.waitingBytes() >= batchBytes) yield* writer.take();
    }
  writer.end();
  yield* writer.take();
}

interface OpenFile {
  readonly path: string;
  readonly sizeBytes: number;
  leftBytes: number;
}

interface Writer {
  /** Takes a change; of a hole it only notes the size. */
  write(change: LayerChange): void;
  end(): void;
  waitingBytes(): number;
  take(): Iterable<Uint8Array>;
}

function createWriter(): Writer {
  let file: OpenFile | undefined;
  let pieces: Uint8Array[] = [];
  let waiting = 0;
  const put = (piece: Uint8Array): void => {
    if (piece.length > 0) pieces.push(piece);
    waiting += piece.length;
  };
  const count = (sizeBytes: number): void => {
    if (!file || sizeBytes > file.leftBytes) throw wrongSize(file, "more than");
    file.leftBytes -= sizeBytes;
  };
  const finish = (): void => {
    if (!file || file.leftBytes > 0) throw wrongSize(file, "fewer than");
    put(zeros.subarray(0, padding(file.sizeBytes)));
    file = undefined;
  };
  const write = (change: LayerChange): void => {
    if (change.type === "hole") return count(change.sizeBytes);
    if (change.type === "data") {
      count(change.bytes.length);
      return put(change.bytes);
    }
    if (change.type === "fileEnd") return finish();
    if (file) throw wrongSize(file, "fewer than");
    for (const piece of tarEntry(entryOf(change))) put(piece);
    if (change.type === "file") file = { path: change.path, sizeBytes: change.sizeBytes, leftBytes: change.sizeBytes };
  };
  const end = (): void => {
    if (file) throw wrongSize(file, "fewer than");
    put(tarEnd);
  };
  const take = (): Iterable<Uint8Array> => {
    const taken = merged(pieces);
    pieces = [];
    waiting = 0;
    return taken;
  };
  return { write, end, take, waitingBytes: () => waiting };
}

function padding(sizeBytes: number): number {
  return (blockBytes - (sizeBytes % blockBytes)) % blockBytes;
}

/** A hole may be far larger than memory. */
function* zerosOf(sizeBytes: number): Iterable<Uint8Array> {
  for (let left = sizeBytes; left > 0; left -= zeros.length) yield zeros.subarray(0, left);
}

/** Headers are copied together, what is large goes as it is. */
function* merged(pieces: readonly Uint8Array[]): Iterable<Uint8Array> {
  let small: Uint8Array[] = [];
  for (const piece of pieces) {
    if (piece.length < batchBytes / 2) {
      small.push(piece);
      continue;
    }
    if (small.length > 0) yield Buffer.concat(small);
    small = [];
    yield piece;
  }
  if (small.length > 0) yield Buffer.concat(small);
}

function wrongSize(file: OpenFile | undefined, how: string): Error {
  const what = file ? `${how} ${file.sizeBytes} bytes come for ${JSON.stringify(file.path)}` : "bytes of no file";
  return galleyError("invalid", "image.file-size", `write a layer: ${what}`);
}

type EntryChange = Exclude<LayerChange, { type: "data" | "hole" | "fileEnd" }>;

function entryOf(change: EntryChange): TarEntry {
  switch (change.type) {
    case "whiteout":
      return { path: hiding(change.path), type: "file", mode: 0 };
    case "opaque":
      return { path: change.path === "" ? ".wh..wh..opq" : `${change.path}/.wh..wh..opq`, type: "file", mode: 0 };
    case "link":
      return {
        ...change.attributes,
        ...{ path: change.path, type: "link", target: change.existing },
        xattrs: Object.fromEntries(change.xattrs ?? []),
      };
    default: {
      const { attributes, xattrs, path, ...rest } = change;
      return { ...rest, ...attributes, path: path === "" ? "." : path, xattrs: Object.fromEntries(xattrs) };
    }
  }
}

function hiding(path: string): string {
  const at = path.lastIndexOf("/") + 1;
  return `${path.slice(0, at)}.wh.${path.slice(at)}`;
}
