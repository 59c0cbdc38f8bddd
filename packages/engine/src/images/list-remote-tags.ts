import { galleyError, parseReference, wrapError } from "@galley/spec";
import { splitImagePlace } from "./places/image-place.ts";
import { openRemote, type RegistryAccess } from "./registry-access.ts";

/**
 * The tags that a repository of a registry has, as they come.
 *
 * @throws invalid for a name with a tag or digest, and for files and directories; what the registry says
 *
 * @example
 * for await (const tag of listRemoteTags("docker.io/library/alpine")) console.log(tag);
 */
export async function* listRemoteTags(
  name: string,
  options: RegistryAccess & { readonly signal?: AbortSignal | undefined } = {},
): AsyncIterable<string> {
  const place = splitImagePlace(name);
  const reference = typeof place === "string" ? parseReference(place) : undefined;
  if (!reference || reference.tag !== undefined || reference.digest !== undefined)
    throw galleyError("invalid", "engine.not-a-repository", `${name}: not the name of a repository, without a tag`);
  try {
    await using repository = await openRemote(reference, options);
    yield* repository.tags(options.signal ? { signal: options.signal } : {});
  } catch (error) {
    throw wrapError(`list tags of ${name}`, error);
  }
}
