/** The bounds of what a performance keeps in memory. */
export const limits = {
  /** Streamed steps of which the words are remembered; more than can be on their way of small ones. */
  sentSteps: 16_384,
  /** Bytes of streamed steps that may wait to be sent before their maker has to wait. */
  sendAheadBytes: 256 * 1024,
} as const;
