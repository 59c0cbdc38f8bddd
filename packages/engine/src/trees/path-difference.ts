import type { TreeDifference } from "@galley/image";

/** What became of a path. */
export interface PathDifference {
  readonly kind: "added" | "changed" | "deleted";
  /** Absolute, as the container sees it; bytes that are not UTF-8 as `decodeName` of `@galley/spec` has them. */
  readonly path: string;
}

/** What an engine makes in every container's root is none of the container's doing, as Podman sees it, too. */
const made = new Set([
  ...["/dev", "/dev/init", "/etc/hostname", "/etc/hosts", "/etc/mtab", "/etc/resolv.conf"],
  ...["/proc", "/run", "/run/.containerenv", "/run/notify", "/run/secrets", "/sys"],
]);

export function pathDifferences(differences: readonly TreeDifference[]): PathDifference[] {
  return differences.map(({ kind, path }) => ({ kind, path: `/${path}` })).filter(({ path }) => !made.has(path));
}
