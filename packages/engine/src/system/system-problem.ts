/** Something that `checkSystem` found. */
export interface SystemProblem {
  /** What is concerned: the database, one record of it, a blob, an unpacked layer, a container, a path that is none of the store's. */
  readonly object: "records" | "record" | "blob" | "layer" | "container" | "stray";
  /** Digest, id, or host path. */
  readonly id: string;
  /** What is wrong, as a phrase: "is missing". */
  readonly problem: string;
  /** Nothing is lost or wrong: it only takes room, or is worth knowing. */
  readonly harmless?: "unneeded" | "note";
  /** What was done about it, as a phrase: "was unpacked again". Without it the problem is still there. */
  readonly mended?: string;
  readonly sizeBytes?: number;
}
