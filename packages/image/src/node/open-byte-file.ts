import { type FileHandle, open } from "node:fs/promises";
import { galleyError } from "@galley/spec";
import { type ByteFile, shortFile } from "../archive/byte-file.ts";
import { chunkBytes } from "../limits.ts";
import { fileError } from "./file-error.ts";

/** An open file. */
export interface OpenedFile extends ByteFile, AsyncDisposable {}

/**
 * Opens a file for reading from any place. Only what is asked for is read.
 *
 * @throws not-found image.no-file, forbidden image.file-forbidden; invalid image.not-a-file for a pipe or a device
 *
 * @example
 * await using file = await openByteFile("image.tar");
 * const archive = await openArchive(file);
 */
export async function openByteFile(hostPath: string): Promise<OpenedFile> {
  const handle = await open(hostPath, "r").catch((error: unknown) => {
    throw fileError(`open ${hostPath}`, error);
  });
  const status = await handle.stat();
  if (!status.isFile()) {
    await handle.close();
    throw galleyError("invalid", "image.not-a-file", `${hostPath} is not a regular file`);
  }
  const { size } = status;
  return { ...readHandle(handle, size), [Symbol.asyncDispose]: () => handle.close() };
}

/** What an open file has, by position. */
export function readHandle(handle: FileHandle, sizeBytes: number): ByteFile {
  return {
    sizeBytes,
    async *read(offsetBytes, lengthBytes) {
      const end = offsetBytes + lengthBytes;
      for (let at = offsetBytes; at < end; ) {
        const buffer = Buffer.allocUnsafeSlow(Math.min(chunkBytes, end - at));
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
        if (bytesRead === 0) throw shortFile(sizeBytes, end);
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    },
  };
}
