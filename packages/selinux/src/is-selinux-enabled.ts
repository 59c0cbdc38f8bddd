/** What the caller read from the host. */
export interface SelinuxEvidence {
  /** The text of /proc/filesystems. */
  readonly fileSystems: string;
  /** Whether selinuxfs is mounted at /sys/fs/selinux: whether `/sys/fs/selinux/enforce` exists. */
  readonly hasSelinuxFs: boolean;
  /** The text of /proc/self/attr/current, where it can be read. It is `kernel` before a policy is loaded. */
  readonly currentContext?: string | undefined;
}

/**
 * Whether labels mean anything on this host: the kernel has SELinux, user space has mounted it, and a policy is loaded.
 * Permissive mode counts as on: labels are kept, only nothing is refused.
 *
 * @example
 * isSelinuxEnabled({ fileSystems: await readFile("/proc/filesystems", "utf8"), hasSelinuxFs: existsSync("/sys/fs/selinux/enforce") });
 */
export function isSelinuxEnabled({ fileSystems, hasSelinuxFs, currentContext }: SelinuxEvidence): boolean {
  const kernelHasIt = fileSystems.split("\n").some((line) => line.split("\t").at(-1)?.trim() === "selinuxfs");
  const hasPolicy = currentContext === undefined || currentContext.replace(/[\0\n]+$/, "") !== "kernel";
  return kernelHasIt && hasSelinuxFs && hasPolicy;
}
