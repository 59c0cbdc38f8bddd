import { type CopyProgress, copyImage } from "@galley/image";
import type { Descriptor, Reference } from "@galley/spec";
import type { Engine } from "../../engine.ts";
import { openRemote, type RegistryAccess } from "../registry-access.ts";
import type { ImageSource } from "../store-image.ts";
import { partKind, type TransferProgress } from "../transfer-progress.ts";
import { blobHolders } from "./blob-holders.ts";
import { type RegistryTarget, registryTarget } from "./registry-target.ts";

/** Where to and how. */
export interface PushToRegistryOptions extends RegistryAccess {
  /** With a tag. */
  readonly reference: Reference;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Copies one image into a repository and gives it its tag. */
export async function pushToRegistry(
  engine: Engine,
  { content, root }: ImageSource,
  { reference, onProgress, signal, ...access }: PushToRegistryOptions,
): Promise<Descriptor> {
  const waits = signal ? { signal } : {};
  await using repository = await openRemote(reference, access);
  const target = registryTarget(repository, blobHolders(engine, reference));
  const manifest = await copyImage(root, content, target, {
    ...waits,
    onProgress: (progress) => onProgress?.(pushProgress(progress, target)),
  });
  await repository.tag(reference.tag ?? "latest", manifest, waits);
  return manifest;
}

function pushProgress({ descriptor, state, bytes }: CopyProgress, target: RegistryTarget): TransferProgress {
  const { digest, size } = descriptor;
  const states = { exists: "exists", started: "uploading", transferring: "uploading", done: "uploaded" } as const;
  const told = state === "exists" && target.wasMounted(digest) ? "mounted" : states[state];
  return { digest, kind: partKind(descriptor), state: told, doneBytes: bytes, totalBytes: size };
}
