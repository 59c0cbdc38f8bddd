import type { Descriptor } from "@galley/spec";
import { wrapError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { pushToRegistry } from "../images/places/push-to-registry.ts";
import { artifactName, findArtifact } from "./find-artifact.ts";
import type { PullArtifactOptions } from "./pull-artifact.ts";

/**
 * Sends an artifact of the store to the registry that its name says, and resolves to its manifest's descriptor.
 *
 * @throws not-found engine.artifact-unknown; what the registry says
 *
 * @example
 * await pushArtifact(engine, "registry.example.test/team/sbom:1");
 */
export async function pushArtifact(
  engine: Engine,
  name: string,
  options: PullArtifactOptions = {},
): Promise<Descriptor> {
  const { value } = findArtifact(engine, name);
  const reference = artifactName(name);
  await using lease = await engine.storage.leases.take();
  await lease.add(...value.blobs);
  try {
    const source = { content: engine.storage.content, root: value.manifest };
    return await pushToRegistry(engine, source, { ...options, reference });
  } catch (error) {
    throw wrapError(`push artifact ${name}`, error);
  }
}
