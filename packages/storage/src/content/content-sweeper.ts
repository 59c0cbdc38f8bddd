import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Digest } from "@galley/spec";
import type { Sweeper } from "../garbage/sweeper.ts";
import { ownerLives, ownerTag, parseOwnerTag } from "../owner-tag.ts";
import { absentAsUndefined, errnoOf } from "../system-error.ts";
import { blobDigest, blobPath, type ContentPaths, flatDigest, flatName } from "./blob-path.ts";

/** Hides, restores and discards blobs by renaming them to `hidden/<owner>.<digest>`. */
export function contentSweeper(paths: ContentPaths): Sweeper {
  const hidden = new Map<Digest, string>();
  const place = (digest: Digest) => blobPath(paths, digest);
  const hide = async (digest: Digest) => {
    await mkdir(paths.hidden, { recursive: true, mode: 0o700 });
    const name = `${paths.hidden}/${ownerTag(flatName(digest))}`;
    if (!(await renamed(place(digest), name))) return false;
    hidden.set(digest, name);
    return true;
  };
  const restore = async (digest: Digest) => {
    const name = hidden.get(digest);
    if (name) await renamed(name, place(digest));
    hidden.delete(digest);
  };
  const discard = async (digest: Digest) => {
    const name = hidden.get(digest);
    const size = name && (await absentAsUndefined(stat(name)))?.size;
    if (name) await rm(name, { force: true });
    hidden.delete(digest);
    return size || 0;
  };
  return { list: () => listDigests(paths), hide, restore, discard };
}

async function* listDigests(paths: ContentPaths): AsyncIterable<Digest> {
  await restoreOfDead(paths);
  for (const algorithm of ["sha256", "sha512"])
    for (const name of (await absentAsUndefined(readdir(`${paths.blobs}/${algorithm}`))) ?? []) {
      const digest = blobDigest(algorithm, name);
      if (digest) yield digest;
    }
}

async function restoreOfDead(paths: ContentPaths): Promise<void> {
  for (const file of (await absentAsUndefined(readdir(paths.hidden))) ?? []) {
    const owned = parseOwnerTag(file);
    const digest = owned && flatDigest(owned.rest);
    if (owned && digest && !ownerLives(owned)) await renamed(`${paths.hidden}/${file}`, blobPath(paths, digest));
  }
}

async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await rename(from, to);
    return true;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return false;
    throw error;
  }
}
