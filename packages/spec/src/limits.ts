/** Longest accepted repository name with its domain, in characters, as in Docker's grammar. */
export const maxRepositoryLength = 255;

/** Longest reference text looked at at all. */
export const maxReferenceLength = 1024;

/** Largest accepted manifest, index, config or layout document. OCI distribution asks registries for at least 4 MiB. */
export const maxDocumentBytes = 4 * 1024 * 1024;

/** Largest accepted runtime `config.json`. */
export const maxRuntimeSpecBytes = 8 * 1024 * 1024;

/** Deepest nesting of objects and lists in any document. */
export const maxDocumentDepth = 32;

/** Most layers in one manifest and most history entries in one config. */
export const maxLayers = 2048;

/** Most manifests in one index. */
export const maxManifests = 4096;

/** Most annotations, labels or other pairs in one map. */
export const maxMapEntries = 4096;

/** Most strings in one list: arguments, environment, tags of a page. */
export const maxListEntries = 65_536;

/** Most entries in a list of a runtime document: mounts, devices, rules, system call names. */
export const maxRuntimeEntries = 65_536;
