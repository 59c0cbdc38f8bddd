import type { Digest } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { artifactRecords } from "./artifact-record.ts";

/** An artifact as a list shows it: one for each of its names. */
export interface ArtifactSummary {
  readonly name: string;
  readonly digest: Digest;
  readonly artifactType: string;
  readonly sizeBytes: number;
  readonly createdAtMs: number;
}

/**
 * All artifacts of the store by name.
 *
 * @example
 * for (const { name, sizeBytes } of listArtifacts(engine)) console.log(name, sizeBytes);
 */
export function listArtifacts(engine: Engine): ArtifactSummary[] {
  return artifactRecords(engine)
    .list()
    .flatMap(({ value: { manifest, artifactType, sizeBytes, createdAtMs }, names }) =>
      names.map((name) => ({ name, digest: manifest.digest, artifactType, sizeBytes, createdAtMs })),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
