import { type Descriptor, parseReference, type Reference } from "@galley/spec";
import type { Engine } from "../../engine.ts";
import { imageRecords } from "../image-record.ts";

/** Which other repositories of a registry are known to have a blob, because an image with it was pulled from or pushed to them. */
export function blobHolders(
  engine: Engine,
  { domain, repository }: Reference,
): (blob: Descriptor) => readonly string[] {
  const known = new Map<string, Set<string>>();
  for (const { value } of imageRecords(engine).list()) {
    const repositories = value.repositoryDigests
      .map((name) => parseReference(name))
      .filter((reference) => reference.domain === domain && reference.repository !== repository)
      .map((reference) => reference.repository);
    if (repositories.length === 0) continue;
    for (const { digest } of [value.config, ...value.layers.map(({ descriptor }) => descriptor)])
      known.set(digest, new Set([...(known.get(digest) ?? []), ...repositories]));
  }
  return ({ digest }) => [...(known.get(digest) ?? [])];
}
