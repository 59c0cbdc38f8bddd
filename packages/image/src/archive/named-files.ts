import { galleyError } from "@galley/spec";
import { maxDocumentBytes } from "../limits.ts";

/** Files to read by name: a directory, an archive. Names have `/` between their parts and never `..`. */
export interface NamedFiles {
  /** Size in bytes; undefined when absent. */
  size(name: string): Promise<number | undefined>;
  /** Throws when absent. */
  read(name: string, offsetBytes: number): AsyncIterable<Uint8Array>;
}

/** A small file, whole; undefined when absent. Throws unsupported `image.too-large` above 4 MiB. */
export async function readSmallFile(files: NamedFiles, name: string): Promise<Uint8Array | undefined> {
  const size = await files.size(name);
  if (size === undefined) return undefined;
  if (size > maxDocumentBytes) throw galleyError("unsupported", "image.too-large", `${name} has ${size} bytes`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of files.read(name, 0)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
