/** The bounds of a plan; the C program has the same (see `operations.h`). */
export const limits = {
  /** Bytes of one encoded plan. */
  planBytes: 16 * 1024 * 1024,
  /** Slots of one plan. */
  slots: 4096,
  /** Slots that streamed steps may add. */
  streamSlots: 16,
  /** Lanes of one plan. */
  lanes: 16,
  /** Marks of one plan. */
  marks: 64,
  /** Bytes of one streamed step. */
  stepBytes: 1024 * 1024,
  /** Descriptors of an executed program have numbers below this. */
  descriptors: 100,
  /** Bytes of one option of a new file system: fsconfig(2) takes strings of up to 255. */
  mountOptionBytes: 255,
} as const;
