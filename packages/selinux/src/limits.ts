/** Every constant limit of this package. */
export const limits = {
  /** Categories of the targeted policy: c0 to c1023. */
  categories: 1024,
  /** Random draws before a free pair is searched for in order. */
  draws: 64,
  /** A context; the kernel takes one page, policies stay far below. */
  contextCharacters: 1024,
} as const;
