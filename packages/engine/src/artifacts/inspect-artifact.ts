import { readContent } from "@galley/image";
import type { Engine } from "../engine.ts";
import { findArtifact } from "./find-artifact.ts";

/** What `inspectArtifact` tells: JSON in podman's words. */
export interface InspectedArtifact {
  readonly Manifest: Readonly<Record<string, unknown>>;
  readonly Name: string;
  readonly Digest: string;
}

/**
 * An artifact's manifest and name.
 *
 * @throws not-found engine.artifact-unknown
 *
 * @example
 * const { Manifest } = await inspectArtifact(engine, "registry.example.test/team/sbom:1");
 */
export async function inspectArtifact(engine: Engine, name: string): Promise<InspectedArtifact> {
  const { value, names } = findArtifact(engine, name);
  const bytes = await readContent(engine.storage.content, value.manifest);
  const manifest = JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown>;
  return { Manifest: manifest, Name: names[0] ?? "", Digest: value.manifest.digest };
}
