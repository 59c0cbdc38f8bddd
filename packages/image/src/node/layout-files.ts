import { randomUUID } from "node:crypto";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { galleyError } from "@galley/spec";
import type { LayoutFiles } from "../layout/open-layout.ts";
import { fileError } from "./file-error.ts";
import { openByteFile } from "./open-byte-file.ts";
import { writeChunks } from "./write-chunks.ts";

/**
 * A directory as the files of an image layout, for `openLayout`, `openDirectory` and `writeDockerDirectory`. The directory is
 * made when something is written. A file appears under its name when it is whole and on the disk.
 *
 * @throws of its functions: not-found image.no-file, forbidden image.file-forbidden, unavailable image.file-system
 *
 * @example
 * const layout = openLayout(layoutFiles("/srv/images/app"));
 * await layout.tag("latest", await copyImage(root, registry, layout));
 */
export function layoutFiles(hostPath: string): LayoutFiles {
  return {
    size: (name) => sizeOf(inside(hostPath, name)),
    read: (name, offsetBytes) => readFrom(inside(hostPath, name), offsetBytes),
    write: (name, content) => writeWhole(inside(hostPath, name), content),
  };
}

function inside(hostPath: string, name: string): string {
  if (name.split("/").some((part) => part === ".." || part === "" || part.includes("\0")))
    throw galleyError("invalid", "image.file-name", `not a name of a file in a layout: ${JSON.stringify(name)}`);
  return join(hostPath, name);
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const status = await stat(path);
    return status.isFile() ? status.size : undefined;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw fileError(`read ${path}`, error);
  }
}

async function* readFrom(path: string, offsetBytes: number): AsyncIterable<Uint8Array> {
  await using file = await openByteFile(path);
  yield* file.read(offsetBytes, Math.max(0, file.sizeBytes - offsetBytes));
}

async function writeWhole(path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  const temporary = `${path}.${randomUUID()}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await using handle = await open(temporary, "wx", 0o644);
    await writeChunks(handle, content);
    await handle.sync();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw fileError(`write ${path}`, error);
  }
}
