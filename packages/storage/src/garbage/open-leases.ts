import { appendFile, mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { type Digest, galleyError, isDigest, parseDigest } from "@galley/spec";
import { maxLeaseBytes } from "../limits.ts";
import { ownerLives, ownerTag, parseOwnerTag } from "../owner-tag.ts";
import { absentAsUndefined, systemError } from "../system-error.ts";

/** A promise to garbage collection: these objects are about to be named by a record. Ends with its process. */
export interface Lease extends AsyncDisposable {
  /** Call it before looking whether an object is there. */
  add(...digests: readonly Digest[]): Promise<void>;
  release(): Promise<void>;
}

/** Leases of all live processes. */
export interface Leases {
  take(): Promise<Lease>;
  /** Everything leased by live processes. Removes the leases of dead ones. */
  live(): Promise<Set<Digest>>;
}

/**
 * Opens the leases: one file per lease, named by its owner, a digest per line.
 *
 * @example
 * await using lease = await leases.take();
 * await copyImage(root, { from: registry, to: underLease(content, lease) });
 */
export function openLeases(directory: string): Leases {
  return { take: () => take(directory), live: () => live(directory) };
}

async function take(directory: string): Promise<Lease> {
  const path = `${directory}/${ownerTag("lease")}`;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await (await open(path, "wx", 0o600)).close();
  } catch (error) {
    throw systemError("take a lease", error);
  }
  const known = new Set<Digest>();
  const add = async (...digests: readonly Digest[]) => {
    const fresh = digests.map((digest) => parseDigest(digest)).filter((digest) => !known.has(digest));
    if (fresh.length > 0) await appendFile(path, fresh.map((digest) => `${digest}\n`).join(""));
    for (const digest of fresh) known.add(digest);
  };
  const release = () => rm(path, { force: true });
  return { add, release, [Symbol.asyncDispose]: release };
}

async function live(directory: string): Promise<Set<Digest>> {
  const leased = new Set<Digest>();
  for (const name of (await absentAsUndefined(readdir(directory))) ?? []) {
    const owned = parseOwnerTag(name);
    if (owned && ownerLives(owned)) for (const digest of await readLease(`${directory}/${name}`)) leased.add(digest);
    else if (owned) await rm(`${directory}/${name}`, { force: true });
  }
  return leased;
}

async function readLease(path: string): Promise<Digest[]> {
  const size = (await absentAsUndefined(stat(path)))?.size ?? 0;
  if (size > maxLeaseBytes) throw galleyError("corrupt", "storage.lease", `lease ${path} has ${size} bytes`);
  const file = await absentAsUndefined(open(path));
  try {
    return ((await file?.readFile("utf8")) ?? "").split("\n").filter((line): line is Digest => isDigest(line));
  } finally {
    await file?.close();
  }
}
