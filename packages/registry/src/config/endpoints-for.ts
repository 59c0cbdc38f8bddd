import { formatReference, parseReference, type Reference } from "@galley/spec";
import { findRegistry } from "./find-registry.ts";
import type { MirrorEntry, RegistriesConf } from "./registries-conf.ts";

/** A place from which an image can be had. */
export interface Endpoint {
  /** The image's name there. */
  readonly reference: Reference;
  readonly insecure: boolean;
  readonly mirror: boolean;
}

/**
 * Where to get an image, in the order in which to ask: the mirrors of its registry that are for such references, then its
 * location. Blocking is not looked at.
 *
 * @throws invalid spec.invalid-reference, when a location and a name make none
 *
 * @example
 * endpointsFor(conf, parseReference("example.com/foo/image:latest")).map(({ reference }) => formatReference(reference));
 */
export function endpointsFor(conf: RegistriesConf, reference: Reference): readonly [...Endpoint[], Endpoint] {
  const { entry, length } = findRegistry(conf, reference) ?? {};
  if (!entry || length === undefined) return [{ reference, insecure: false, mirror: false }];
  const at = (location: string): Reference =>
    location === "" ? reference : parseReference(`${location}${formatReference(reference).slice(length)}`);
  const mirrors = entry.mirrors.filter((mirror) => serves(mirror, reference));
  return [
    ...mirrors.map(({ location, insecure }) => ({ reference: at(location), insecure, mirror: true })),
    { reference: at(entry.location), insecure: entry.insecure, mirror: false },
  ];
}

function serves({ pulls }: MirrorEntry, { digest }: Reference): boolean {
  if (pulls === "all") return true;
  return (pulls === "digest-only") === (digest !== undefined);
}
