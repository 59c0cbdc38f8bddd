import type { Descriptor, Reference } from "@galley/spec";
import type { Engine } from "../../engine.ts";
import { openRemote, type RegistryAccess } from "../registry-access.ts";
import type { ImageSource } from "../store-image.ts";
import type { TransferProgress } from "../transfer-progress.ts";
import { blobHolders } from "./blob-holders.ts";
import { copyToRepository } from "./copy-to-repository.ts";

/** Where to and how. */
export interface PushToRegistryOptions extends RegistryAccess {
  /** With a tag. */
  readonly reference: Reference;
  /** All that an index names, and the index. */
  readonly all?: boolean | undefined;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Copies one image into a repository and gives it its tag. */
export async function pushToRegistry(
  engine: Engine,
  source: ImageSource,
  { reference, all, onProgress, signal, ...access }: PushToRegistryOptions,
): Promise<Descriptor> {
  await using repository = await openRemote(reference, { ...access, mountFrom: blobHolders(engine, reference) });
  const manifest = await copyToRepository(repository, source, { all, onProgress, signal });
  await repository.tag(reference.tag ?? "latest", manifest, signal ? { signal } : {});
  return manifest;
}
