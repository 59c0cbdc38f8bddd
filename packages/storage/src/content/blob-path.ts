import { type Digest, digestAlgorithm, digestHex, isDigest, parseDigest } from "@galley/spec";

/** The directories of a content store. */
export interface ContentPaths {
  readonly blobs: string;
  /** Being written, one file per writer. */
  readonly staging: string;
  /** Beginnings kept from attempts that broke off, at most one per digest. */
  readonly partial: string;
  /** Out of sight during garbage collection. */
  readonly hidden: string;
}

/** The directories beneath the store's own. */
export function contentPaths(directory: string): ContentPaths {
  const beneath = (name: string) => `${directory}/${name}`;
  return {
    blobs: beneath("blobs"),
    staging: beneath("staging"),
    partial: beneath("partial"),
    hidden: beneath("hidden"),
  };
}

/** The digest as one file name: `sha256-9f86…`. Parsed again, because a path is made from it. */
export function flatName(digest: Digest): string {
  const parsed = parseDigest(digest);
  return `${digestAlgorithm(parsed)}-${digestHex(parsed)}`;
}

/** Reads a flat name; undefined when it is none. */
export function flatDigest(name: string): Digest | undefined {
  const [algorithm, hex] = name.split("-");
  return blobDigest(algorithm ?? "", hex ?? "");
}

/** Where a blob lies. */
export function blobPath(paths: ContentPaths, digest: Digest): string {
  const parsed = parseDigest(digest);
  return `${paths.blobs}/${digestAlgorithm(parsed)}/${digestHex(parsed)}`;
}

/** The digest of a file in `blobs`, undefined for foreign files. */
export function blobDigest(algorithm: string, hex: string): Digest | undefined {
  const text = `${algorithm}:${hex}`;
  return isDigest(text) ? text : undefined;
}
