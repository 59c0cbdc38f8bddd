/** The bounds of what a performance keeps in memory. */
export const limits = {
  /** Streamed steps of which the words are remembered; more than the kernel's socket buffer can hold of small ones. */
  sentSteps: 8192,
} as const;
