import type { Descriptor, Digest } from "@galley/spec";
import type { Collection } from "@galley/storage";
import type { Engine } from "../engine.ts";

/** An artifact in the store: files under a manifest (OCI image spec 1.1, "Guidelines for Artifact Usage"). */
export interface ArtifactRecord {
  readonly manifest: Descriptor;
  readonly artifactType: string;
  readonly files: readonly Descriptor[];
  /** Everything that must stay in the content store. */
  readonly blobs: readonly Digest[];
  readonly sizeBytes: number;
  readonly createdAtMs: number;
}

/** The artifacts' records by the hex of the manifest's digest; references in canonical form are the unique names. */
export function artifactRecords(engine: Engine): Collection<ArtifactRecord> {
  return engine.storage.records.collection<ArtifactRecord>("artifacts");
}

/** What the artifacts need of the content store. */
export function artifactBlobs(engine: Engine): Digest[] {
  return artifactRecords(engine)
    .list()
    .flatMap(({ value }) => value.blobs);
}
