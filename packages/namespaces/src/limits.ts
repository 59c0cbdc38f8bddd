/** What is refused here, before the kernel would. */
export const limits = {
  /** Lines of one id map (user_namespaces(7)). */
  idMapLines: 340,
  /** Bytes of a host or domain name (uname(2), __NEW_UTS_LEN). */
  nameBytes: 64,
  /** Bytes of one sysctl value: a page less one. */
  sysctlBytes: 4095,
  /** The largest user or group id; 2^32 - 1 means "no id". */
  largestId: 2 ** 32 - 2,
} as const;
