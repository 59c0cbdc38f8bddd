import type { Digest } from "@galley/spec";
import { formatReference, wrapError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { admission, registrySignatures } from "../images/admission.ts";
import { openRemote, type RegistryAccess } from "../images/registry-access.ts";
import type { TransferProgress } from "../images/transfer-progress.ts";
import { artifactName } from "./find-artifact.ts";
import { storeArtifact } from "./store-artifact.ts";

/** How to pull. */
export interface PullArtifactOptions extends RegistryAccess {
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Brings an artifact of a registry into the store, and resolves to its digest.
 *
 * @throws invalid engine.artifact-name; forbidden trust.rejected by the policy; unsupported engine.artifact-index; what the registry says
 *
 * @example
 * await pullArtifact(engine, "registry.example.test/team/sbom:1");
 */
export async function pullArtifact(
  engine: Engine,
  name: string,
  { onProgress, signal, ...access }: PullArtifactOptions = {},
): Promise<Digest> {
  const reference = artifactName(name);
  try {
    await using remote = await openRemote(reference, access);
    const root = await remote.resolve(reference.digest ?? reference.tag ?? "latest", signal ? { signal } : {});
    const { signaturePolicyPath } = access;
    const signaturesOf = registrySignatures(remote, reference, signal);
    await admission({ transport: "docker", reference, signaturesOf, signaturePolicyPath })(root, root);
    return await storeArtifact(engine, { content: remote, root }, { reference, onProgress, signal });
  } catch (error) {
    throw wrapError(`pull artifact ${formatReference(reference)}`, error);
  }
}
