import {
  formatReference,
  type Platform,
  parseReference,
  type Reference,
  withDefaultTag,
  wrapError,
} from "@galley/spec";
import type { Engine } from "../engine.ts";
import { findImageEntry, imageExists } from "./find-image.ts";
import type { ImageRecord } from "./image-record.ts";
import { openRemote, type RegistryAccess } from "./registry-access.ts";
import { type PullProgress, storeImage } from "./store-image.ts";

/** When to ask the registry. `newer` asks whether it has another image and takes what is here when it does not answer. */
export type PullPolicy = "always" | "missing" | "never" | "newer";

/** How to pull. */
export interface PullOptions extends RegistryAccess {
  /** `always` unless given. */
  readonly policy?: PullPolicy;
  readonly platform?: Platform;
  readonly onProgress?: (progress: PullProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Brings an image of a registry into the store.
 *
 * @throws not-found engine.image-unknown, registry.*; unauthorized, forbidden, unavailable: what the registry says;
 *   and what `storeImage` throws
 *
 * @example
 * const { id } = await pullImage(engine, "docker.io/library/alpine", { onProgress: ({ digest, state }) => console.log(digest, state) });
 */
export async function pullImage(engine: Engine, name: string, options: PullOptions = {}): Promise<ImageRecord> {
  const reference = withDefaultTag(parseReference(name));
  const policy = options.policy ?? "always";
  if (policy === "never" || (policy === "missing" && imageExists(engine, name)))
    return findImageEntry(engine, name).value;
  try {
    return await pull(engine, reference, options);
  } catch (error) {
    const unreachable = policy === "newer" && imageExists(engine, name);
    if (unreachable) return findImageEntry(engine, name).value;
    throw wrapError(`initializing source docker://${formatReference(reference)}`, error);
  }
}

async function pull(engine: Engine, reference: Reference, options: PullOptions): Promise<ImageRecord> {
  await using repository = await openRemote(reference, options);
  const name = reference.digest ?? reference.tag ?? "latest";
  const root = await repository.resolve(name, options.signal ? { signal: options.signal } : {});
  const { platform, onProgress, signal } = options;
  return storeImage(engine, { content: repository, root }, { references: [reference], platform, onProgress, signal });
}
