import { mkdir, open, rm } from "node:fs/promises";
import type { Slot } from "@galley/plan";
import { createWriteQueue } from "../content/write-queue.ts";
import { spoolFromBytes } from "../limits.ts";

/** A file in the making, in a directory of ours; steps then rename it into the tree. */
export interface SpooledFile {
  readonly directory: Slot;
  readonly name: string;
  /** Resolves when it is written: the bytes may change then. */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** Passes over bytes that read as zeros. */
  hole(sizeBytes: number): void;
  /** Resolves when the file is whole and closed. */
  end(): Promise<void>;
}

/** Where large files are written by this process, instead of being carried to another as steps. */
export interface LayerSpool {
  readonly fromBytes: number;
  create(): Promise<SpooledFile>;
  /** Closes the file at hand and removes the directory, with what a failed layer has left in it. */
  close(): Promise<void>;
}

/** Opens a spool in a directory that it makes: names are numbers, nothing of them comes from the layer. */
export async function openLayerSpool(hostPath: string, directory: Slot): Promise<LayerSpool> {
  await mkdir(hostPath, { mode: 0o700 });
  let count = 0;
  let closeOpen: () => Promise<void> = async () => {};
  const create = async (): Promise<SpooledFile> => {
    const name = String(count++);
    const file = await open(`${hostPath}/${name}`, "wx", 0o600);
    const queue = createWriteQueue(file, { position: 0, flush: false, behindBytes: 0 });
    let endBytes = 0;
    closeOpen = async () => {
      closeOpen = async () => {};
      await queue.drain().catch(() => {});
      await file.close();
    };
    return {
      directory,
      name,
      write: (bytes) => {
        const room = queue.write(bytes);
        endBytes = queue.position;
        return room;
      },
      hole: (sizeBytes) => queue.skip(sizeBytes),
      end: async () => {
        await queue.drain();
        if (queue.position > endBytes) await file.truncate(queue.position);
        await closeOpen();
      },
    };
  };
  const close = async (): Promise<void> => {
    await closeOpen();
    await rm(hostPath, { recursive: true, force: true }); // regular files of ours
  };
  return { fromBytes: spoolFromBytes, create, close };
}
