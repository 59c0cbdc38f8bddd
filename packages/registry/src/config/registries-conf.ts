/** What registries.conf and its drop-ins say together (containers-registries.conf(5), version 2). */
export interface RegistriesConf {
  /** The main file, for messages; it need not exist. */
  readonly path: string;
  /** Where short names are looked for, in order; undefined when no file says, which is not the same as none. */
  readonly searchRegistries?: readonly string[];
  readonly shortNameMode: ShortNameMode;
  readonly credentialHelpers: readonly string[];
  /** By short name, without tag. */
  readonly aliases: ReadonlyMap<string, ShortNameAlias>;
  readonly registries: readonly RegistryEntry[];
}

/** What to do when a short name may mean images of several registries. */
export type ShortNameMode = "enforcing" | "permissive" | "disabled";

/** What a short name stands for, and which file says so. */
export interface ShortNameAlias {
  readonly target: string;
  readonly path: string;
}

/** One `[[registry]]` table. */
export interface RegistryEntry {
  /** Of full image names; or `*.example.com` for all hosts below a domain. */
  readonly prefix: string;
  /** What stands in its place; empty when nothing does, with a wildcard. */
  readonly location: string;
  readonly insecure: boolean;
  readonly blocked: boolean;
  readonly mirrors: readonly MirrorEntry[];
}

/** One `[[registry.mirror]]` table. */
export interface MirrorEntry {
  readonly location: string;
  readonly insecure: boolean;
  /** For which references it is used. */
  readonly pulls: "all" | "digest-only" | "tag-only";
}
