import { randomUUID } from "node:crypto";
import { createDigester, type DigestAlgorithm, type Digester } from "@galley/spec";
import { maxOpenUploads, uploadIdleMs } from "./limits.ts";
import { refuse } from "./refusal.ts";
import type { BlobWriter, StagedBlob } from "./store.ts";

/** A blob that a client is sending, in one request or several. */
export interface Upload {
  readonly id: string;
  readonly repository: string;
  readonly staged: StagedBlob;
  readonly digester: Digester;
  readonly algorithm: DigestAlgorithm;
  sizeBytes: number;
  /** Whether a request is adding to it now. */
  busy: boolean;
  /** Monotonic. */
  touchedMs: number;
}

/** The uploads that are open. */
export type Uploads = Map<string, Upload>;

/** Begins an upload; first discards those that nobody has touched for long. */
export async function openUpload(
  { uploads, repository }: { readonly uploads: Uploads; readonly repository: string },
  blobs: BlobWriter,
  algorithm: DigestAlgorithm = "sha256",
): Promise<Upload> {
  const stale = [...uploads.values()].filter((each) => !each.busy && performance.now() - each.touchedMs > uploadIdleMs);
  await Promise.all(stale.map((each) => discardUpload(uploads, each)));
  if (uploads.size >= maxOpenUploads) throw refuse("TOOMANYREQUESTS", "too many open uploads");
  const upload: Upload = {
    id: randomUUID(),
    repository,
    staged: await blobs.stage(repository),
    digester: createDigester(algorithm),
    algorithm,
    sizeBytes: 0,
    busy: false,
    touchedMs: performance.now(),
  };
  uploads.set(upload.id, upload);
  return upload;
}

/** The open upload of that name in that repository. */
export function findUpload(uploads: Uploads, repository: string, id: string): Upload {
  const upload = uploads.get(id);
  if (upload?.repository === repository) return upload;
  throw refuse("BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry");
}

/** Runs one request's work on an upload, alone. */
export async function useUpload<T>(upload: Upload, work: () => Promise<T>): Promise<T> {
  if (upload.busy) throw refuse("BLOB_UPLOAD_INVALID", "another request is sending to this upload");
  upload.busy = true;
  try {
    return await work();
  } finally {
    upload.busy = false;
    upload.touchedMs = performance.now();
  }
}

/** Forgets an upload and what it has staged. */
export async function discardUpload(uploads: Uploads, upload: Upload): Promise<void> {
  if (uploads.delete(upload.id)) await upload.staged.discard();
}
