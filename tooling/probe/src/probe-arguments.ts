import type { Scenario } from "./scenarios.ts";

/** Every path that Galley, podman or docker masks or makes read-only, and some that say whether more is shut. */
const paths: readonly string[] = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/bus",
  "/proc/fs",
  "/proc/interrupts",
  "/proc/irq",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/proc/sys",
  "/proc/sysrq-trigger",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/sys/dev/block",
  "/sys/devices/system/cpu/cpu0/thermal_throttle",
  "/sys/devices/virtual/powercap",
  "/sys/firmware",
  "/sys/fs/selinux",
  // neighbours of those
  "/",
  "/dev",
  "/dev/shm",
  "/dev/mqueue",
  "/proc",
  "/proc/kallsyms",
  "/proc/kpagecount",
  "/proc/modules",
  "/proc/partitions",
  "/proc/self/oom_score_adj",
  "/proc/self/setgroups",
  "/proc/sys/kernel/core_pattern",
  "/proc/sys/kernel/hostname",
  "/proc/sys/net/ipv4/ip_forward",
  "/proc/tty",
  "/run",
  "/sys",
  "/sys/fs/bpf",
  "/sys/fs/cgroup",
  "/sys/fs/cgroup/memory",
  "/sys/fs/cgroup/memory/cgroup.procs",
  "/sys/fs/cgroup/memory/memory.limit_in_bytes",
  "/sys/fs/cgroup/unified",
  "/sys/kernel/debug",
  "/sys/kernel/security",
  "/sys/kernel/uevent_helper",
  "/sys/module",
  "/tmp",
];

/** What the probe is told. */
export function probeArguments({ calls }: Pick<Scenario, "calls"> = {}): string[] {
  return [...(calls ? ["calls"] : []), ...paths];
}
