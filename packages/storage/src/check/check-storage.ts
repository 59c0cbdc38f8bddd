import { createDigester, type Digest, digestAlgorithm } from "@galley/spec";
import type { Content } from "../content/open-content.ts";
import type { Live } from "../garbage/collect-garbage.ts";
import type { Leases } from "../garbage/open-leases.ts";
import type { Layers } from "../layers/open-layers.ts";

/** Something wrong in the store. */
export interface Problem {
  readonly object: "blob" | "layer";
  readonly digest: Digest;
  /**
   * `missing`: a record names it, and it is not there. `damaged`: it is not what it was. `unreferenced`: nothing names it, which is
   * no harm but its room.
   */
  readonly problem: "missing" | "damaged" | "unreferenced";
  /** Of a blob that is there. */
  readonly sizeBytes?: number;
}

/** What to look at. */
export interface CheckOptions {
  readonly content: Pick<Content, "list" | "fetch">;
  readonly layers: Pick<Layers, "get" | "listIds">;
  /** What the records name. */
  readonly roots: () => Promise<Live>;
  /** What running pulls are about to name is not unreferenced. */
  readonly leases?: Pick<Leases, "live"> | undefined;
  /** Whether to read every blob and compare its digest. */
  readonly readBlobs?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Compares blobs and layers with what records name, both ways. Reads only. What is inside of a layer is not looked at.
 *
 * @example
 * for await (const { object, digest, problem } of checkStorage({ content, layers, roots })) console.log(problem, object, digest);
 */
export async function* checkStorage(options: CheckOptions): AsyncIterable<Problem> {
  const leased = (await options.leases?.live()) ?? new Set<Digest>();
  const live = await options.roots();
  yield* checkBlobs(options, live.blobs, leased);
  yield* checkLayers(options, live.layers, leased);
}

async function* checkBlobs(
  { content, readBlobs, signal }: CheckOptions,
  live: ReadonlySet<Digest>,
  leased: ReadonlySet<Digest>,
): AsyncIterable<Problem> {
  const missing = new Set(live);
  for await (const { digest, sizeBytes } of content.list()) {
    signal?.throwIfAborted();
    missing.delete(digest);
    const object = { object: "blob", digest, sizeBytes } as const;
    if (readBlobs && !(await isWhole(content, digest, sizeBytes))) yield { ...object, problem: "damaged" };
    else if (!live.has(digest) && !leased.has(digest)) yield { ...object, problem: "unreferenced" };
  }
  for (const digest of missing) yield { object: "blob", digest, problem: "missing" };
}

async function* checkLayers(
  { layers, signal }: CheckOptions,
  live: ReadonlySet<Digest>,
  leased: ReadonlySet<Digest>,
): AsyncIterable<Problem> {
  const there = new Set(await layers.listIds());
  for (const digest of new Set([...live, ...there])) {
    signal?.throwIfAborted();
    const record = await layers.get(digest).catch(() => "damaged" as const);
    if (!there.has(digest) || !record)
      yield { object: "layer", digest, problem: there.has(digest) ? "damaged" : "missing" };
    else if (record === "damaged") yield { object: "layer", digest, problem: "damaged" };
    else if (!live.has(digest) && !leased.has(digest)) yield { object: "layer", digest, problem: "unreferenced" };
  }
}

async function isWhole(content: Pick<Content, "fetch">, digest: Digest, size: number): Promise<boolean> {
  const digester = createDigester(digestAlgorithm(digest));
  try {
    for await (const chunk of await content.fetch({ mediaType: "application/octet-stream", digest, size }))
      digester.update(chunk);
    return digester.digest() === digest;
  } catch {
    return false;
  }
}
