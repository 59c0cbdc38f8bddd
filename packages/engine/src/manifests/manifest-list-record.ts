import type { Descriptor, Digest } from "@galley/spec";
import type { Collection } from "@galley/storage";
import type { Engine } from "../engine.ts";

/** Where the content of one manifest of a list is. */
export interface ListMember {
  /** Digests that are in the store and must stay: the manifest and its blobs. Empty for what a registry has. */
  readonly blobs: readonly Digest[];
  /** The repository and digest under which a registry has it. */
  readonly source?: string;
}

/** A manifest list: an index in the making. */
export interface ManifestListRecord {
  /** 64 hex digits; the list changes, its id does not. */
  readonly id: string;
  /** The index as it is now; its bytes are in the content store. */
  readonly index: Descriptor;
  readonly createdAtMs: number;
  /** By the manifest's digest. */
  readonly members: Readonly<Record<string, ListMember>>;
}

/** The lists' records by id; a list's names in canonical form are the record's unique names. */
export function manifestListRecords(engine: Engine): Collection<ManifestListRecord> {
  return engine.storage.records.collection<ManifestListRecord>("manifest-lists");
}

/** What the lists need of the content store. */
export function manifestListBlobs(engine: Engine): Digest[] {
  return manifestListRecords(engine)
    .list()
    .flatMap(({ value: { index, members } }) => [
      index.digest,
      ...Object.values(members).flatMap(({ blobs }) => blobs),
    ]);
}
