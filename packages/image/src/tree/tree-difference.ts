/** What became of a name. */
export interface TreeDifference {
  readonly kind: "added" | "changed" | "deleted";
  /** Beneath the root without a leading slash, exact as in `TreeEntry`. */
  readonly path: string;
}
