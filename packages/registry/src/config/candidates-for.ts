import { formatReference, galleyError, isShortName, parseReference, type Reference } from "@galley/spec";
import type { RegistriesConf } from "./registries-conf.ts";

/** What a name may mean, and why. */
export interface Candidates {
  /** To try in this order; with the tag and digest of the name, if it has them. */
  readonly references: readonly Reference[];
  /** `name`: it says it itself. `search`: from unqualified-search-registries. `default`: nothing is configured, so Docker Hub. */
  readonly by: "name" | "alias" | "search" | "default";
  /** The file that says so. */
  readonly path?: string;
  /** There are several, and whoever sits at a terminal should choose. */
  readonly ambiguous: boolean;
}

/** How a short name may be resolved. */
export interface CandidateOptions {
  /** Somebody can be asked. */
  readonly interactive?: boolean;
}

/**
 * The images that a name may mean (containers-registries.conf(5), "Short-Name Aliasing").
 *
 * @throws invalid spec.invalid-reference; registry.short-name, when the configuration leaves no answer
 *
 * @example
 * const { references } = candidatesFor(conf, "alpine:3");
 */
export function candidatesFor(conf: RegistriesConf, name: string, options: CandidateOptions = {}): Candidates {
  const reference = parseReference(name);
  if (!isShortName(name)) return { references: [reference], by: "name", ambiguous: false };
  const short = name.split(/[:@]/, 1)[0] ?? name;
  const alias = conf.aliases.get(short);
  if (alias) {
    const target = qualified(alias.target, reference);
    return { references: [target], by: "alias", path: alias.path, ambiguous: false };
  }
  if (!conf.searchRegistries) return { references: [reference], by: "default", ambiguous: false };
  return searched({ ...conf, searchRegistries: conf.searchRegistries }, { short, reference }, options);
}

interface ShortName {
  readonly short: string;
  readonly reference: Reference;
}

function searched(
  { path, searchRegistries, shortNameMode }: RegistriesConf & Required<Pick<RegistriesConf, "searchRegistries">>,
  { short, reference }: ShortName,
  { interactive = false }: CandidateOptions,
): Candidates {
  if (searchRegistries.length === 0) {
    throw unresolved(
      `short-name ${JSON.stringify(short)} did not resolve to an alias and no unqualified-search registries are defined in ${JSON.stringify(path)}`,
    );
  }
  const several = searchRegistries.length > 1;
  if (several && shortNameMode === "enforcing" && !interactive) {
    throw unresolved("short-name resolution enforced but cannot prompt without a TTY");
  }
  return {
    references: searchRegistries.map((registry) => qualified(`${registry}/${short}`, reference)),
    by: "search",
    path,
    ambiguous: several && shortNameMode !== "disabled" && interactive,
  };
}

function qualified(target: string, { tag, digest }: Reference): Reference {
  const { domain, repository } = parseReference(target);
  const reference = { domain, repository, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
  // Once more as a whole, since two parts that are each short enough may not be so together.
  return parseReference(formatReference(reference));
}

function unresolved(message: string): Error {
  return galleyError("invalid", "registry.short-name", message);
}
