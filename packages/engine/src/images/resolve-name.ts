import { isShortName, parseReference, type Reference } from "@galley/spec";
import { type RegistryAccess, registriesConf } from "./registry-access.ts";

/** What a name means to registries, and which file says so. */
export interface NameResolution {
  /** At least one. */
  readonly references: readonly Reference[];
  readonly by: "name" | "alias" | "search" | "default";
  readonly path?: string;
}

/** Who can be asked when a short name may mean images of several registries. */
export interface ResolveNameOptions {
  /** Gets the full names, gives one of them. Without it all are tried, or none when the configuration enforces a choice. */
  readonly chooseReference?: (references: readonly Reference[]) => Promise<Reference>;
}

/**
 * The full names that a name may stand for, by registries.conf; without one a short name is Docker Hub's.
 *
 * @throws invalid spec.invalid-reference, registry.short-name, registry.bad-registries-conf
 */
export async function resolveName(
  name: string,
  options: RegistryAccess & ResolveNameOptions = {},
): Promise<NameResolution> {
  if (!isShortName(name)) return { references: [parseReference(name)], by: "name" };
  const { candidatesFor } = await import("@galley/registry");
  const { chooseReference } = options;
  const found = candidatesFor(await registriesConf(options), name, { interactive: chooseReference !== undefined });
  if (!found.ambiguous || !chooseReference) return found;
  return { ...found, references: [await chooseReference(found.references)] };
}
