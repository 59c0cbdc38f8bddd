import type { Repository } from "@galley/registry";
import type { Descriptor, Reference } from "@galley/spec";
import type { Engine } from "../../engine.ts";
import { openRemote, type RegistryAccess } from "../registry-access.ts";
import type { ImageSource } from "../store-image.ts";
import type { TransferProgress } from "../transfer-progress.ts";
import { blobHolders } from "./blob-holders.ts";
import { type CopyToRepositoryOptions, copyToRepository } from "./copy-to-repository.ts";

/** Where to and how. */
export interface PushToRegistryOptions extends RegistryAccess {
  /** With a tag. */
  readonly reference: Reference;
  /** All that an index names, and the index. */
  readonly all?: boolean | undefined;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Copies an image into a repository and gives it its tag. */
export async function pushToRegistry(
  engine: Engine,
  source: ImageSource,
  options: PushToRegistryOptions,
): Promise<Descriptor> {
  await using repository = await openToPush(engine, options);
  return await pushInto(repository, source, options);
}

/** Opens a repository which may take over blobs that others of its registry are known to have. */
export async function openToPush(
  engine: Engine,
  { reference, ...access }: RegistryAccess & Pick<PushToRegistryOptions, "reference">,
): Promise<Repository> {
  return openRemote(reference, { ...access, mountFrom: blobHolders(engine, reference) });
}

/** As `pushToRegistry`, into a repository that is open. */
export async function pushInto(
  repository: Repository,
  source: ImageSource,
  { reference, signal, ...how }: Pick<PushToRegistryOptions, "reference"> & CopyToRepositoryOptions,
): Promise<Descriptor> {
  const { all, commit, onProgress } = how;
  const manifest = await copyToRepository(repository, source, { all, commit, onProgress, signal });
  await repository.tag(reference.tag ?? "latest", manifest, signal ? { signal } : {});
  return manifest;
}
