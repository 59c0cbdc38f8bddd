import { copyImage, readContent } from "@galley/image";
import {
  type Descriptor,
  type Digest,
  digestHex,
  type Fetcher,
  formatReference,
  galleyError,
  isManifestType,
  mediaTypes,
  type Reference,
} from "@galley/spec";
import { underLease } from "@galley/storage";
import type { Engine } from "../engine.ts";
import { partKind, type TransferProgress } from "../images/transfer-progress.ts";
import { type ArtifactRecord, artifactRecords } from "./artifact-record.ts";

/** How to store. */
export interface StoreArtifactOptions {
  readonly reference: Reference;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Brings an artifact into the store: its files, then the record that gives it its name. An artifact that had the name loses it. */
export async function storeArtifact(
  engine: Engine,
  { content, root }: { readonly content: Fetcher; readonly root: Descriptor },
  { reference, onProgress, signal }: StoreArtifactOptions,
): Promise<Digest> {
  if (!isManifestType(root.mediaType))
    throw galleyError("unsupported", "engine.artifact-index", `${root.digest} is ${root.mediaType}, not one artifact`);
  const waits = signal ? { signal } : {};
  await engine.storage.reclaim();
  await using lease = await engine.storage.leases.take();
  const store = underLease(engine.storage.content, lease);
  await copyImage(root, content, store, {
    ...waits,
    onProgress: ({ descriptor, state, bytes }) => {
      const states = { exists: "exists", started: "downloading", transferring: "downloading", done: "done" } as const;
      const { digest, size } = descriptor;
      onProgress?.({ digest, kind: partKind(descriptor), state: states[state], doneBytes: bytes, totalBytes: size });
    },
  });
  const record = await describe(engine, root);
  nameArtifact(engine, record, formatReference(reference));
  return root.digest;
}

async function describe(engine: Engine, root: Descriptor): Promise<ArtifactRecord> {
  const { parseImageManifest } = await import("@galley/spec/schemas");
  const { config, layers, artifactType } = parseImageManifest(await readContent(engine.storage.content, root));
  const files = layers.filter(({ mediaType }) => mediaType !== mediaTypes.empty);
  return {
    manifest: root,
    artifactType: artifactType ?? config.mediaType,
    files,
    blobs: [...new Set([root, config, ...layers].map(({ digest }) => digest))],
    sizeBytes: files.reduce((sum, { size }) => sum + size, 0),
    createdAtMs: Date.now(),
  };
}

function nameArtifact(engine: Engine, record: ArtifactRecord, name: string): void {
  const records = artifactRecords(engine);
  const key = digestHex(record.manifest.digest);
  engine.storage.records.transaction(
    () => {
      const holder = records.getByName(name);
      if (holder && holder.key !== key) unname(engine, holder.key, name);
      const known = records.get(key);
      records.put(key, known?.value ?? record, { names: [...new Set([...(known?.names ?? []), name])] });
    },
    { durable: true },
  );
}

/** An artifact is found by its names alone: without any it goes. To be called within a transaction. */
export function unname(engine: Engine, key: string, name: string): void {
  const records = artifactRecords(engine);
  const entry = records.get(key);
  const names = entry?.names.filter((other) => other !== name) ?? [];
  if (entry && names.length > 0) records.put(key, entry.value, { names });
  else records.delete(key);
}
