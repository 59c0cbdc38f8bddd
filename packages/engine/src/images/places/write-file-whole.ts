import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { randomHex } from "../../containers/random-hex.ts";
import { systemError } from "../../system-error.ts";

/** So many bytes are handed to the kernel at once. */
const batchBytes = 1024 * 1024;

/**
 * Writes a file that appears under its name when it is whole, over one that was there; pipes and devices are written to as they
 * are. While a batch is written the next one is gathered.
 */
export async function writeFileWhole(
  hostPath: string,
  content: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  try {
    const known = await stat(hostPath).catch(() => undefined);
    if (known && !known.isFile()) return await writeOpened(await open(hostPath, "w"), content, signal);
    const temporary = `${hostPath}.${randomHex(6)}.part`;
    try {
      await writeOpened(await open(temporary, "wx", 0o666), content, signal);
      await rename(temporary, hostPath);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  } catch (error) {
    throw systemError(`write ${hostPath}`, error);
  }
}

async function writeOpened(file: FileHandle, content: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<void> {
  await using _ = file;
  let writing: Promise<void> = Promise.resolve();
  for await (const batch of batches(content)) {
    await writing;
    signal?.throwIfAborted();
    writing = writeAll(file, batch);
    writing.catch(() => {}); // it is awaited below, unless the content fails first
  }
  await writing;
}

async function* batches(content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array[]> {
  let batch: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of content) {
    batch.push(chunk);
    bytes += chunk.length;
    if (bytes < batchBytes) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (bytes > 0) yield batch;
}

/** writev(2) may take less than it was given. */
async function writeAll(file: FileHandle, chunks: readonly Uint8Array[]): Promise<void> {
  let rest = [...chunks];
  while (rest.length > 0) {
    let { bytesWritten } = await file.writev(rest);
    while (rest[0] && bytesWritten >= rest[0].length) bytesWritten -= rest.shift()?.length ?? 0;
    if (rest[0] && bytesWritten > 0) rest = [rest[0].subarray(bytesWritten), ...rest.slice(1)];
  }
}
