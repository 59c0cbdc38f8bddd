import { type TarEntry, tarEnd, tarEntry } from "../tar/tar-writer.ts";

/** An entry of a layer. `path` has no leading slash; `.wh.` names are whiteouts. Times count from 1970. */
export interface LayerEntry extends Omit<TarEntry, "sizeBytes"> {
  /** Of a file; empty when left out. */
  readonly content?: Uint8Array | string | undefined;
}

/**
 * A layer's tar archive from a list of entries, in their order. The same list gives the same bytes. Nothing is added:
 * not even parents.
 *
 * @example
 * const tar = createLayer([
 *   { path: "bin", type: "directory" },
 *   { path: "bin/hello", type: "file", mode: 0o755, content: program },
 * ]);
 */
export async function* createLayer(
  entries: Iterable<LayerEntry> | AsyncIterable<LayerEntry>,
): AsyncIterable<Uint8Array> {
  for await (const { content = "", ...entry } of entries) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    yield* tarEntry({ ...entry, sizeBytes: bytes.length });
    if (bytes.length > 0) yield bytes;
    if (bytes.length % 512 > 0) yield new Uint8Array(512 - (bytes.length % 512));
  }
  yield tarEnd;
}
