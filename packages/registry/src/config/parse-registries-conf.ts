import { isShortName, parseReference } from "@galley/spec";
import { badConf, type ConfTable, confTable } from "./conf-table.ts";
import type { MirrorEntry, RegistryEntry, ShortNameMode } from "./registries-conf.ts";

/** What one file says. What it leaves out stays as other files have it. */
export interface ConfFile {
  readonly searchRegistries?: readonly string[];
  readonly shortNameMode?: ShortNameMode;
  readonly credentialHelpers?: readonly string[];
  /** An empty target takes an alias away. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly registries: readonly RegistryEntry[];
}

const modes: ReadonlySet<string> = new Set(["enforcing", "permissive", "disabled"]);
const pulls: ReadonlySet<string> = new Set(["all", "digest-only", "tag-only"]);

/** Reads one file (containers-registries.conf(5)), parsed by a TOML library. Throws `invalid`, with file and key. */
export function parseRegistriesConf(path: string, document: unknown): ConfFile {
  const file = confTable(path, document);
  if (file.has("registries"))
    throw file.bad("registries", "belongs to version 1 of the format, which is not supported");
  const searchRegistries = file.strings("unqualified-search-registries");
  const credentialHelpers = file.strings("credential-helpers");
  const shortNameMode = modeOf(file);
  const registries = file.tables("registry").map(registryOf);
  refuseContradictions(path, registries);
  return {
    ...(searchRegistries && { searchRegistries: searchRegistries.map((each) => withoutScheme(file, each)) }),
    ...(credentialHelpers && { credentialHelpers }),
    ...(shortNameMode && { shortNameMode }),
    aliases: aliasesOf(file),
    registries: [...new Map(registries.map((entry) => [entry.prefix, entry])).values()],
  };
}

function modeOf(file: ConfTable): ShortNameMode | undefined {
  const mode = file.string("short-name-mode");
  if (!mode) return undefined;
  if (!modes.has(mode)) throw file.bad("short-name-mode", "must be enforcing, permissive or disabled");
  return mode as ShortNameMode;
}

function aliasesOf(file: ConfTable): ReadonlyMap<string, string> {
  const aliases = file.texts("aliases");
  for (const [name, target] of aliases) {
    const key = `aliases.${name}`;
    if (!isShortName(name) || !isBareName(name)) throw file.bad(key, "must be a short name without tag or digest");
    if (target !== "" && (isShortName(target) || !isBareName(target))) {
      throw file.bad(key, "must stand for a full name without tag or digest");
    }
  }
  return aliases;
}

function isBareName(text: string): boolean {
  try {
    const { tag, digest } = parseReference(text);
    return tag === undefined && digest === undefined;
  } catch {
    return false;
  }
}

function registryOf(table: ConfTable): RegistryEntry {
  const location = locationOf(table);
  const prefix = trimmed(table.string("prefix") ?? "") || location;
  const wildcard = prefix.includes("*");
  if (wildcard && !/^\*\.[^*/@]+$/.test(prefix))
    throw table.bad("prefix", "must have its * in front of a domain: *.example.com");
  if (prefix === "") throw table.bad("location", "is missing");
  if (location === "" && !wildcard)
    throw table.bad("location", "is missing, and may only be with a prefix like *.example.com");
  return {
    prefix,
    location,
    insecure: table.boolean("insecure") ?? false,
    blocked: table.boolean("blocked") ?? false,
    mirrors: mirrorsOf(table),
  };
}

function mirrorsOf(table: ConfTable): MirrorEntry[] {
  const byDigestOnly = table.boolean("mirror-by-digest-only") ?? false;
  return table.tables("mirror").map((mirror) => {
    const given = mirror.string("pull-from-mirror");
    if (given && byDigestOnly) throw mirror.bad("pull-from-mirror", "cannot be set beside mirror-by-digest-only");
    if (given && !pulls.has(given)) throw mirror.bad("pull-from-mirror", "must be all, digest-only or tag-only");
    const location = locationOf(mirror);
    if (location === "") throw mirror.bad("location", "is missing");
    return {
      location,
      insecure: mirror.boolean("insecure") ?? false,
      pulls: byDigestOnly ? "digest-only" : ((given || "all") as MirrorEntry["pulls"]),
    };
  });
}

function locationOf(table: ConfTable): string {
  return withoutScheme(table, table.string("location") ?? "", "location");
}

function withoutScheme(table: ConfTable, text: string, key = "unqualified-search-registries"): string {
  if (/^https?:\/\//.test(text)) throw table.bad(key, `must not begin with a scheme: ${JSON.stringify(text)}`);
  return trimmed(text);
}

function trimmed(text: string): string {
  return text.replace(/\/+$/, "");
}

/** One place cannot be both safe and not. */
function refuseContradictions(path: string, registries: readonly RegistryEntry[]): void {
  const seen = new Map<string, RegistryEntry>();
  for (const entry of registries) {
    const other = seen.get(entry.prefix) ?? entry;
    for (const key of ["insecure", "blocked"] as const) {
      if (other[key] !== entry[key]) {
        throw badConf(
          path,
          `registry ${entry.prefix} is defined twice and the definitions contradict each other in ${key}`,
        );
      }
    }
    seen.set(entry.prefix, entry);
  }
}
