/** What is refused here, before the kernel would. */
export const limits = {
  /** Bytes of a group's path. */
  pathBytes: 1024,
  /** Lines of a mount table, a cgroup file or a statistics file that are read. */
  lines: 65_536,
  /** Rules of a device list: with some 800 the kernel's verifier finds the program too complex (E2BIG, 8192 jumps in a row). */
  deviceRules: 512,
  /** Process ids of one group. */
  pids: 1_000_000,
  /** Entries of `unified`. */
  unifiedFiles: 256,
} as const;
