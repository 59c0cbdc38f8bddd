import type { Digest } from "@galley/spec";
import { formatReference, isGalleyError, parseReference, withDefaultTag } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { collectImages } from "../images/collect-images.ts";
import { artifactRecords } from "./artifact-record.ts";
import { findArtifact } from "./find-artifact.ts";
import { unname } from "./store-artifact.ts";

/**
 * Removes a name of an artifact, and the artifact with the last one or when it is named by its digest. Resolves to the digest.
 *
 * @throws not-found engine.artifact-unknown
 *
 * @example
 * await removeArtifact(engine, "registry.example.test/team/sbom:1");
 */
export async function removeArtifact(engine: Engine, nameOrDigest: string): Promise<Digest> {
  const digest = engine.storage.records.transaction(
    () => {
      const { key, value, names } = findArtifact(engine, nameOrDigest);
      const name = names.find((each) => each === canonical(nameOrDigest));
      if (name === undefined) artifactRecords(engine).delete(key);
      else unname(engine, key, name);
      return value.manifest.digest;
    },
    { durable: true, removes: true },
  );
  await collectImages(engine);
  return digest;
}

function canonical(name: string): string | undefined {
  try {
    return formatReference(withDefaultTag(parseReference(name)));
  } catch (error) {
    if (isGalleyError(error, "invalid")) return undefined;
    throw error;
  }
}
