import { createDigester, type Digest, digestAlgorithm } from "@galley/spec";
import type { Content } from "../content/open-content.ts";
import type { Layers } from "../layers/open-layers.ts";
import type { Live } from "./collect-garbage.ts";

/** Something wrong in the store. */
export interface Problem {
  readonly object: "blob" | "layer";
  readonly digest: Digest;
  readonly problem: "missing" | "damaged";
}

/** What to look at. */
export interface CheckOptions {
  readonly content: Pick<Content, "list" | "fetch">;
  readonly layers: Pick<Layers, "get">;
  /** What the records name. */
  readonly roots: () => Promise<Live>;
  /** Whether to read every blob and compare its digest. */
  readonly readBlobs?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds blobs and layers that records name but the store has not whole. Reads only.
 *
 * @example
 * for await (const { object, digest, problem } of checkStorage({ content, layers, roots })) console.log(problem, object, digest);
 */
export async function* checkStorage(options: CheckOptions): AsyncIterable<Problem> {
  const { content, layers, readBlobs, signal } = options;
  const live = await options.roots();
  const missing = new Set(live.blobs);
  for await (const { digest, sizeBytes } of content.list()) {
    signal?.throwIfAborted();
    missing.delete(digest);
    if (readBlobs && !(await isWhole(content, digest, sizeBytes))) yield { object: "blob", digest, problem: "damaged" };
  }
  for (const digest of missing) yield { object: "blob", digest, problem: "missing" };
  for (const digest of live.layers) {
    const record = await layers.get(digest).catch(() => "damaged" as const);
    if (!record) yield { object: "layer", digest, problem: "missing" };
    if (record === "damaged") yield { object: "layer", digest, problem: "damaged" };
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
