import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { galleyError } from "@galley/spec";
import type { Spool } from "../archive/byte-file.ts";
import { fileError } from "./file-error.ts";
import { readHandle } from "./open-byte-file.ts";
import { writeChunks } from "./write-chunks.ts";

/** Options of `fileSpool`. */
export interface FileSpoolOptions {
  /** Where the files are; the system's directory for temporary files when left out. */
  readonly hostPath?: string | undefined;
  /** The most bytes of one stream; 1 TiB when left out. */
  readonly maxBytes?: number | undefined;
}

/** A spool in files, which are gone when it is disposed. */
export interface FileSpool extends AsyncDisposable {
  readonly spool: Spool;
}

/**
 * Keeps streams in files that have no name: whatever happens to this process, none stays behind.
 *
 * @throws of the spool: unsupported image.too-large; unavailable image.file-system, forbidden image.file-forbidden
 *
 * @example
 * await using files = fileSpool();
 * const archive = await openArchive(await files.spool(process.stdin));
 */
export function fileSpool({ hostPath = tmpdir(), maxBytes = 2 ** 40 }: FileSpoolOptions = {}): FileSpool {
  const handles = new Set<FileHandle>();
  const spool: Spool = async (content, { signal } = {}) => {
    const handle = await openUnnamed(hostPath);
    handles.add(handle);
    try {
      return readHandle(handle, await writeChunks(handle, limited(content, maxBytes), signal));
    } catch (error) {
      handles.delete(handle);
      await handle.close();
      throw fileError(`write a temporary file in ${hostPath}`, error);
    }
  };
  const dispose = async () => {
    const all = [...handles];
    handles.clear();
    await Promise.all(all.map((handle) => handle.close()));
  };
  return { spool, [Symbol.asyncDispose]: dispose };
}

/** O_TMPFILE of open(2), which Node has no word for; undefined where there is no such thing. */
const temporaryFile = process.platform === "linux" ? 0o20000000 | constants.O_DIRECTORY : undefined;

async function openUnnamed(hostPath: string): Promise<FileHandle> {
  try {
    return (await openNeverNamed(hostPath)) ?? (await openAndUnname(hostPath));
  } catch (error) {
    throw fileError(`make a temporary file in ${hostPath}`, error);
  }
}

/** Not every file system can. */
async function openNeverNamed(hostPath: string): Promise<FileHandle | undefined> {
  if (temporaryFile === undefined) return undefined;
  return open(hostPath, temporaryFile | constants.O_RDWR, 0o600).catch(() => undefined);
}

async function openAndUnname(hostPath: string): Promise<FileHandle> {
  const path = join(hostPath, `galley-spool-${randomUUID()}`);
  const handle = await open(path, "wx+", 0o600);
  await unlink(path);
  return handle;
}

async function* limited(content: AsyncIterable<Uint8Array>, maxBytes: number): AsyncIterable<Uint8Array> {
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.length;
    if (bytes > maxBytes)
      throw galleyError("unsupported", "image.too-large", `the archive has more than ${maxBytes} bytes`);
    yield chunk;
  }
}
