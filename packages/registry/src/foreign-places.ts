import type { Descriptor } from "@galley/spec";
import { maxForeignPlaces } from "./limits.ts";
import { safeTarget } from "./redirects.ts";
import type { Session } from "./session.ts";
import { isLoopback } from "./trust.ts";

/**
 * Where else a blob may be, as its descriptor says (OCI image-spec, "Descriptors", `urls`). Anyone can write a manifest,
 * so these are asked last and without credentials; plain HTTP only where the registry itself may be spoken to so, and
 * this machine only by a registry of this machine.
 */
export function foreignPlaces({ options }: Session, registry: URL, { urls = [] }: Descriptor): URL[] {
  return urls.slice(0, maxForeignPlaces).flatMap((text) => {
    try {
      const url = safeTarget(registry, text, options);
      return isLoopback(url.hostname) && !isLoopback(registry.hostname) ? [] : [url];
    } catch {
      return [];
    }
  });
}
