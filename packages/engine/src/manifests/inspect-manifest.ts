import { readContent } from "@galley/image";
import { parseReference, withDefaultTag } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { openRemote, type RegistryAccess } from "../images/registry-access.ts";
import { findManifestList, manifestListExists } from "./find-manifest-list.ts";

/**
 * The document that a name leads to: the index of a list here, or what a registry has under that name, be it an index or one
 * manifest. As it is there, not interpreted.
 *
 * @throws not-found registry.manifest-unknown; what registries say
 *
 * @example
 * const { manifests } = await inspectManifest(engine, "docker.io/library/alpine");
 */
export async function inspectManifest(
  engine: Engine,
  name: string,
  { signal, ...access }: RegistryAccess & { readonly signal?: AbortSignal } = {},
): Promise<Readonly<Record<string, unknown>>> {
  if (manifestListExists(engine, name)) {
    const { index } = findManifestList(engine, name).value;
    return parse(await readContent(engine.storage.content, index));
  }
  const reference = withDefaultTag(parseReference(name.replace(/^docker:\/\//, "")));
  await using remote = await openRemote(reference, access);
  const { bytes } = await remote.fetchManifest(reference.digest ?? reference.tag ?? "latest", signal ? { signal } : {});
  return parse(bytes);
}

function parse(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(bytes).toString()) as Readonly<Record<string, unknown>>;
}
