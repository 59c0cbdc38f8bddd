import type { Digest } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { hostStatus } from "../host-files.ts";
import { directoryRoot } from "../trees/tree-roots.ts";
import { walkRoot } from "../trees/walk-root.ts";

/** Bytes on the disk, by what they belong to. What has several names counts once. */
export interface StoreMeasure {
  readonly blobs: ReadonlyMap<Digest, number>;
  readonly layers: ReadonlyMap<Digest, number>;
  /** By container id: what it has written, its log, its records. */
  readonly containers: ReadonlyMap<string, number>;
  /** Work in progress, beginnings of transfers, things put aside. */
  readonly unfinishedBytes: number;
  /** The database, its second copy, directories. */
  readonly otherBytes: number;
}

/** Measures everything under the root as du(1) does, in one walk. */
export async function measureStore(engine: Engine, signal?: AbortSignal): Promise<StoreMeasure> {
  const [blobs, layers] = [new Map<Digest, number>(), new Map<Digest, number>()];
  const containers = new Map<string, number>();
  const seen = new Set<string>();
  const rest = { unfinishedBytes: 0, otherBytes: 0 };
  const root = engine.places.root;
  if (!hostStatus(root)) return { blobs, layers, containers, ...rest };
  const options = { title: "measure the store", live: true, signal };
  for await (const { path, allocatedBytes, links, inode, type } of walkRoot(engine, directoryRoot(root), options)) {
    if (links > 1 && type !== "directory") {
      if (seen.has(String(inode))) continue;
      seen.add(String(inode));
    }
    const owner = ownerOf(path);
    if (owner.of === "blob") add(blobs, owner.digest, allocatedBytes);
    else if (owner.of === "layer") add(layers, owner.digest, allocatedBytes);
    else if (owner.of === "container") add(containers, owner.id, allocatedBytes);
    else rest[owner.of === "unfinished" ? "unfinishedBytes" : "otherBytes"] += allocatedBytes;
  }
  return { blobs, layers, containers, ...rest };
}

type Owner =
  | { readonly of: "blob" | "layer"; readonly digest: Digest }
  | { readonly of: "container"; readonly id: string }
  | { readonly of: "unfinished" | "other" };

const unfinished =
  /^(content\/(staging|partial|hidden)|layers\/staging|containers\/\.removing)\/.|^galley\.db\.(damaged|\d)/;

function ownerOf(path: string): Owner {
  const [first, second, third, fourth] = path.split("/", 4);
  if (unfinished.test(path)) return { of: "unfinished" };
  if (first === "content" && second === "blobs" && fourth !== undefined)
    return { of: "blob", digest: `${third}:${fourth}` as Digest };
  if (first === "layers" && /^[0-9a-f]{64}$/.test(second ?? ""))
    return { of: "layer", digest: `sha256:${second}` as Digest };
  if (first === "layers" && /^[0-9a-f]{128}$/.test(second ?? ""))
    return { of: "layer", digest: `sha512:${second}` as Digest };
  return first === "containers" && second !== undefined ? { of: "container", id: second } : { of: "other" };
}

function add<Key>(sums: Map<Key, number>, key: Key, bytes: number): void {
  sums.set(key, (sums.get(key) ?? 0) + bytes);
}
