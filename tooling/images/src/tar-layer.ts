import { type Header, pack } from "tar-stream";

/** One entry of a layer: tar-stream's header, and the content of a file. */
export interface LayerEntry extends Partial<Omit<Header, "mtime" | "size">> {
  readonly name: string;
  readonly content?: Uint8Array | string;
  /** Defaults to 2024-01-01, so that the same entries make the same bytes. */
  readonly mtime?: Date;
}

/**
 * Entries as one uncompressed tar, in the order given.
 * @example const layer = await tarLayer([{ name: "etc/motd", mode: 0o644, content: "hello\n" }]);
 */
export async function tarLayer(entries: readonly LayerEntry[]): Promise<Buffer> {
  const stream = pack();
  for (const { content = "", ...header } of entries) {
    const bytes = Buffer.from(content);
    const sized = header.type === undefined || header.type === "file" ? { size: bytes.length } : {};
    stream.entry({ mtime: new Date("2024-01-01T00:00:00Z"), uid: 0, gid: 0, ...header, ...sized }, bytes);
  }
  stream.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}
