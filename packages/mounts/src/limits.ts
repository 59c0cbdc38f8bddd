/** What is refused here, before the kernel would. */
export const limits = {
  /** Bytes of one option's value (fsconfig(2), FSCONFIG_SET_STRING). */
  optionBytes: 255,
  /** Bytes of a path (limits.h, PATH_MAX with its final zero byte). */
  pathBytes: 4095,
  /** Mounts of one container. */
  mounts: 4096,
} as const;
