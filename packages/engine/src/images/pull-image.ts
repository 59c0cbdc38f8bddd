import {
  formatReference,
  type GalleyError,
  galleyError,
  isGalleyError,
  type Platform,
  type Reference,
  withDefaultTag,
  wrapError,
} from "@galley/spec";
import type { Engine } from "../engine.ts";
import { admission, registrySignatures } from "./admission.ts";
import { findImageEntry, imageExists } from "./find-image.ts";
import type { ImageRecord } from "./image-record.ts";
import { splitImagePlace } from "./places/image-place.ts";
import { pullFromArchive } from "./places/pull-from-archive.ts";
import { openRemote, type RegistryAccess } from "./registry-access.ts";
import { type NameResolution, type ResolveNameOptions, resolveName } from "./resolve-name.ts";
import { type PullProgress, storeImage } from "./store-image.ts";

/** When to ask the registry. `newer` asks whether it has another image and takes what is here when it does not answer. */
export type PullPolicy = "always" | "missing" | "never" | "newer";

/** An image that is about to be pulled, and why it is that one. */
export interface PullAttempt extends Pick<NameResolution, "by" | "path"> {
  readonly reference: Reference;
}

/** How to pull. */
export interface PullOptions extends RegistryAccess, ResolveNameOptions {
  /** `always` unless given. */
  readonly policy?: PullPolicy;
  readonly platform?: Platform;
  /** Called before a registry is asked; more than once when a short name may mean several images. */
  readonly onAttempt?: (attempt: PullAttempt) => void;
  readonly onProgress?: (progress: PullProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Brings an image of a registry into the store, under the full name that registries.conf gives to a short one. Also takes one out
 * of a file or a directory: `oci:PATH[:NAME]` and its like, see `parseImagePlace`.
 *
 * @throws not-found engine.image-unknown, registry.*; unauthorized, forbidden, unavailable: what the registry says; forbidden
 *   trust.rejected, registry.blocked: what policy.json and registries.conf say;
 *   and what `storeImage` throws
 *
 * @example
 * const { id } = await pullImage(engine, "docker.io/library/alpine", { onProgress: ({ digest, state }) => console.log(digest, state) });
 */
export async function pullImage(engine: Engine, nameOrPlace: string, options: PullOptions = {}): Promise<ImageRecord> {
  const name = splitImagePlace(nameOrPlace);
  if (typeof name !== "string") return pullFromArchive(engine, name, options);
  const policy = options.policy ?? "always";
  if (policy === "never" || (policy === "missing" && imageExists(engine, name)))
    return findImageEntry(engine, name).value;
  try {
    return await pullFirst(engine, await resolveName(name, options), options);
  } catch (error) {
    const unreachable = policy === "newer" && imageExists(engine, name);
    if (unreachable) return findImageEntry(engine, name).value;
    throw error;
  }
}

/** The first that can be had of what a name may mean. */
async function pullFirst(engine: Engine, resolution: NameResolution, options: PullOptions): Promise<ImageRecord> {
  const { references, by, path } = resolution;
  const failures: GalleyError[] = [];
  for (const each of references) {
    const reference = withDefaultTag(each);
    // An alias leads to a name that may be here under its own.
    const full = formatReference(reference);
    if (options.policy === "missing" && imageExists(engine, full)) return findImageEntry(engine, full).value;
    options.onAttempt?.({ reference, by, ...(path === undefined ? {} : { path }) });
    try {
      return await pull(engine, reference, options);
    } catch (error) {
      if (isGalleyError(error, "cancelled") || options.signal?.aborted) throw error;
      const judged = isGalleyError(error) && error.code === "trust.rejected";
      failures.push(judged ? error : wrapError(`initializing source docker://${full}`, error));
    }
  }
  throw failures.length === 1 ? failures[0] : severalFailed(failures);
}

function severalFailed(failures: readonly GalleyError[]): GalleyError {
  const said = failures.map(({ message }) => message);
  const { kind = "not-found", code = "engine.image-unknown" } = failures.at(-1) ?? {};
  const message = `${failures.length} errors occurred while pulling: ${said.join("; ")}`;
  return galleyError(kind, code, message, { details: { errors: said }, cause: failures.at(-1) });
}

async function pull(engine: Engine, reference: Reference, options: PullOptions): Promise<ImageRecord> {
  await using repository = await openRemote(reference, options);
  const name = reference.digest ?? reference.tag ?? "latest";
  const root = await repository.resolve(name, options.signal ? { signal: options.signal } : {});
  const { platform, onProgress, signal, signaturePolicyPath } = options;
  const signaturesOf = registrySignatures(repository, reference, signal);
  const admit = admission({ transport: "docker", reference, signaturesOf, signaturePolicyPath });
  // Awaited here: the connections close with this function.
  return await storeImage(
    engine,
    { content: repository, root },
    { references: [reference], platform, admit, onProgress, signal },
  );
}
