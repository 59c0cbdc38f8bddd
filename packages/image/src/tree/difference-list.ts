import { comparePaths } from "./entry-cursor.ts";
import type { TreeDifference } from "./tree-difference.ts";

/** Collects differences. */
export interface DifferenceList {
  /** Notes a difference; the directories above one that came or went have changed, too. */
  add(kind: TreeDifference["kind"], path: string): void;
  /** Notes that something changed, and that all directories above it did. */
  addWithParents(kind: TreeDifference["kind"], path: string): void;
  /** In the order of the tree. */
  sorted(): TreeDifference[];
}

export function createDifferenceList(): DifferenceList {
  const kinds = new Map<string, TreeDifference["kind"]>();
  const addWithParents = (kind: TreeDifference["kind"], path: string): void => {
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
      const parent = path.slice(0, at);
      if (!kinds.has(parent)) kinds.set(parent, "changed");
    }
    kinds.set(path, kind);
  };
  return {
    addWithParents,
    add: (kind, path) => (kind === "changed" ? void kinds.set(path, kind) : addWithParents(kind, path)),
    sorted: () =>
      [...kinds].map(([path, kind]) => ({ kind, path })).sort((one, other) => comparePaths(one.path, other.path)),
  };
}
