import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import {
  createDigester,
  type Descriptor,
  type Digester,
  digestAlgorithm,
  galleyError,
  isGalleyError,
} from "@galley/spec";
import { flushInTurn, syncDirectoryTogether } from "../durable.ts";
import { readChunkBytes, writeBehindBytes } from "../limits.ts";
import { ownerTag } from "../owner-tag.ts";
import { errnoOf, systemError } from "../system-error.ts";
import { blobPath, type ContentPaths, flatName } from "./blob-path.ts";
import { createWriteQueue } from "./write-queue.ts";

/**
 * Is given a blob's bytes while they are stored, from the first one on, also those of a kept beginning. Not verified: what is
 * made of them must stay out of sight until the blob is there. Position 0 a second time means that it all begins anew.
 */
export type OnBytes = (bytes: Uint8Array, position: number) => Promise<void> | undefined;

/** What to write, and from where. */
export interface Ingest {
  readonly paths: ContentPaths;
  readonly descriptor: Descriptor;
  readonly open: (offsetBytes: number) => Promise<AsyncIterable<Uint8Array>>;
  /** Whether to begin with a kept beginning, and to keep one when the source breaks off. */
  readonly resume: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: OnBytes | undefined;
}

interface Attempt extends Ingest {
  readonly stagingPath: string;
  readonly file: FileHandle;
}

/** Writes a blob: staging file, fsync, rename, fsync of the directory. The blob is there whole or not at all. */
export async function ingest(work: Ingest): Promise<void> {
  const { digest } = work.descriptor;
  try {
    const offsetBytes = await attempt(work, work.resume);
    // A kept beginning may be wrong (another server's bytes): once more from the start, and only then believe the source.
    if (offsetBytes === "wrong-beginning") await attempt(work, false);
  } catch (error) {
    throw systemError(`store blob ${digest}`, error);
  }
}

async function attempt(work: Ingest, resume: boolean): Promise<"done" | "wrong-beginning"> {
  await mkdir(work.paths.staging, { recursive: true, mode: 0o700 });
  await mkdir(work.paths.hidden, { recursive: true, mode: 0o700 }); // now, because a removal must not need room
  const stagingPath = `${work.paths.staging}/${ownerTag(flatName(work.descriptor.digest))}`;
  const resumed = resume && (await claimPartial(work, stagingPath));
  const file = await open(stagingPath, resumed ? "r+" : "wx+", 0o600);
  try {
    const kept = await fill({ ...work, stagingPath, file });
    if (!resume) await rm(`${work.paths.partial}/${flatName(work.descriptor.digest)}`, { force: true }); // nobody needs it now
    if (kept === "wrong-beginning") await rm(stagingPath, { force: true });
    return kept;
  } catch (error) {
    await giveUp(work, { stagingPath, error });
    throw error;
  } finally {
    await file.close();
  }
}

/** Takes a kept beginning, if there is one: rename is the claim, only one process gets it. */
async function claimPartial({ paths, descriptor }: Ingest, stagingPath: string): Promise<boolean> {
  try {
    await rename(`${paths.partial}/${flatName(descriptor.digest)}`, stagingPath);
    return true;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return false;
    throw error;
  }
}

async function fill(work: Attempt): Promise<"done" | "wrong-beginning"> {
  const { descriptor, file } = work;
  const beginning = (await file.stat()).size;
  if (beginning > descriptor.size) return "wrong-beginning";
  const digester = createDigester(digestAlgorithm(descriptor.digest));
  await readBeginning(work, digester);
  const sizeBytes = beginning < descriptor.size || beginning === 0 ? await take(work, beginning, digester) : beginning;
  if (sizeBytes < descriptor.size) throw wrongSize(descriptor, `only ${sizeBytes} of`);
  if (digester.digest() !== descriptor.digest) {
    if (beginning > 0) return "wrong-beginning";
    throw wrongDigest(descriptor);
  }
  await publish(work);
  return "done";
}

async function readBeginning({ stagingPath, onBytes }: Attempt, digester: Digester): Promise<void> {
  let position = 0;
  for await (const chunk of createReadStream(stagingPath, { highWaterMark: readChunkBytes })) {
    digester.update(chunk);
    await onBytes?.(chunk, position);
    position += chunk.length;
  }
}

/** The rest from the source: to the digest, to the disk and to whoever listens, each at its own pace, with little between them. */
async function take(work: Attempt, beginning: number, digester: Digester): Promise<number> {
  const { descriptor, file, signal, onBytes } = work;
  const queue = createWriteQueue(file, { position: beginning, flush: true, behindBytes: writeBehindBytes });
  let position = beginning;
  try {
    for await (const chunk of await work.open(beginning)) {
      signal?.throwIfAborted();
      if (position + chunk.length > descriptor.size) throw wrongSize(descriptor, "more than");
      const taken = onBytes?.(chunk, position);
      digester.update(chunk);
      position += chunk.length;
      const room = queue.write(chunk);
      if (taken) await taken;
      if (room) await room;
    }
  } catch (error) {
    await queue.drain().catch(() => {}); // what is kept has all that was taken
    throw error;
  }
  await queue.drain();
  return position;
}

async function publish({ paths, descriptor, file, stagingPath }: Attempt): Promise<void> {
  const target = blobPath(paths, descriptor.digest);
  await flushInTurn(() => file.sync());
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  await rename(stagingPath, target);
  await syncDirectoryTogether(dirname(target));
}

/** Keeps the beginning of a source that broke off; removes what is known to be wrong, and what fills the disk. */
async function giveUp(
  { paths, descriptor, resume }: Ingest,
  what: { stagingPath: string; error: unknown },
): Promise<void> {
  const { stagingPath, error } = what;
  const wrong = isGalleyError(error, "corrupt") || isGalleyError(error, "invalid");
  const local = errnoOf(error) === "ENOSPC" || errnoOf(error) === "EDQUOT";
  if (!resume || wrong || local) return rm(stagingPath, { force: true });
  await keepPartial(paths, { stagingPath, name: flatName(descriptor.digest) }).catch(() =>
    rm(stagingPath, { force: true }),
  );
}

/** Makes a staging file the kept beginning of its digest. */
export async function keepPartial(paths: ContentPaths, from: { stagingPath: string; name: string }): Promise<void> {
  await mkdir(paths.partial, { recursive: true, mode: 0o700 });
  await rename(from.stagingPath, `${paths.partial}/${from.name}`);
}

function wrongSize({ digest, size }: Descriptor, how: string) {
  return galleyError("corrupt", "storage.size-mismatch", `${how} ${size} bytes came for ${digest}`, {
    details: { digest, size },
  });
}

function wrongDigest({ digest }: Descriptor) {
  return galleyError("corrupt", "storage.digest-mismatch", `the bytes are not those of ${digest}`, {
    details: { digest },
  });
}
