import { formatReference, galleyError, type Reference } from "@galley/spec";
import type { RegistriesConf, RegistryEntry } from "./registries-conf.ts";

/** The entry with the longest prefix of an image's name, and how much of the name that is. */
export interface FoundRegistry {
  readonly entry: RegistryEntry;
  readonly length: number;
}

/** What the configuration says about an image; undefined when nothing. */
export function findRegistry(conf: RegistriesConf, reference: Reference): FoundRegistry | undefined {
  let best: FoundRegistry | undefined;
  for (const entry of conf.registries) {
    const length = matchedLength(entry.prefix, reference);
    if (length > 0 && entry.prefix.length > (best?.entry.prefix.length ?? 0)) best = { entry, length };
  }
  return best;
}

/**
 * Refuses images of a registry that the configuration blocks.
 *
 * @throws forbidden registry.blocked
 *
 * @example
 * refuseBlocked(conf, parseReference("registry.example.com/app"));
 */
export function refuseBlocked(conf: RegistriesConf, reference: Reference): void {
  const { entry } = findRegistry(conf, reference) ?? {};
  if (!entry?.blocked) return;
  const details = { prefix: entry.prefix, path: conf.path };
  throw galleyError("forbidden", "registry.blocked", `registry ${entry.prefix} is blocked in ${conf.path}`, {
    details,
  });
}

/** How many characters of the whole name a prefix covers; 0 when it is none. */
function matchedLength(prefix: string, reference: Reference): number {
  const name = formatReference(reference);
  if (prefix.startsWith("*.")) {
    // A pattern without a port is for every port, which then is no part of what it covers.
    const host = /:\d+$/.test(prefix) ? reference.domain : reference.domain.replace(/:\d+$/, "");
    return host.endsWith(prefix.slice(1)) ? host.length : 0;
  }
  if (!name.startsWith(prefix)) return 0;
  const next = name[prefix.length];
  // A colon is a port after a host, and a tag after a repository.
  const ends = next === undefined || next === "/" || ((next === ":" || next === "@") && prefix.includes("/"));
  return ends ? prefix.length : 0;
}
