import type { Digest } from "@galley/spec";

/** Which bytes to read: from the first to the last, both included. */
export interface ByteRange {
  readonly firstByte: number;
  readonly lastByte: number;
}

/** A blob that is there. */
export interface StoredBlob {
  readonly sizeBytes: number;
  /** All of it, or a range of it. Leaving the loop early releases what stands behind it. */
  read(range?: ByteRange): AsyncIterable<Uint8Array>;
}

/** A manifest that is there. */
export interface StoredManifest {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** A blob on its way in. Nobody can see it before `commit`; exactly one of `commit` and `discard` is called, last. */
export interface StagedBlob {
  write(bytes: Uint8Array): Promise<void>;
  /** What was written so far. */
  read(): AsyncIterable<Uint8Array>;
  /** The server has verified the digest. A blob that is there already is fine. */
  commit(digest: Digest): Promise<void>;
  discard(): Promise<void>;
}

/** Blobs by repository. A store with one set of blobs for all may ignore the repository. */
export interface BlobReader {
  /** Undefined when absent. */
  get(repository: string, digest: Digest): Promise<StoredBlob | undefined>;
}

export interface BlobWriter {
  stage(repository: string): Promise<StagedBlob>;
  /** False when there was none. */
  remove(repository: string, digest: Digest): Promise<boolean>;
  /** Makes a blob of one repository visible in another without moving it; false when absent. Without this method, clients upload again. */
  mount?(digest: Digest, from: string, to: string): Promise<boolean>;
}

export interface ManifestReader {
  get(repository: string, digest: Digest): Promise<StoredManifest | undefined>;
  list(repository: string): AsyncIterable<Digest>;
}

export interface ManifestWriter {
  put(repository: string, digest: Digest, manifest: StoredManifest): Promise<void>;
  remove(repository: string, digest: Digest): Promise<boolean>;
}

export interface TagReader {
  /** Tags and what they name; undefined when there is no such repository. */
  list(repository: string): Promise<ReadonlyMap<string, Digest> | undefined>;
}

export interface TagWriter {
  /** Moves the tag when it is taken. */
  put(repository: string, tag: string, digest: Digest): Promise<void>;
  remove(repository: string, tag: string): Promise<boolean>;
}

/** Content for a server that only gives. */
export interface ReadableStore {
  /** Names of all repositories, in any order. Without this method there is no catalog. */
  repositories?(): Promise<readonly string[]>;
  readonly blobs: BlobReader;
  readonly manifests: ManifestReader;
  readonly tags: TagReader;
}

/** Content for a server that also takes. */
export interface RegistryStore {
  /** As in {@link ReadableStore}. */
  repositories?(): Promise<readonly string[]>;
  readonly blobs: BlobReader & BlobWriter;
  readonly manifests: ManifestReader & ManifestWriter;
  readonly tags: TagReader & TagWriter;
}
