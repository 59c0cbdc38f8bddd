import type { MountSpec } from "@galley/spec";

/** The mounts that podman gives a container. */
export const podmanMounts: readonly MountSpec[] = [
  { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
  {
    destination: "/dev",
    type: "tmpfs",
    source: "tmpfs",
    options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
  },
  { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
  {
    destination: "/dev/pts",
    type: "devpts",
    source: "devpts",
    options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
  },
  { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"] },
  {
    destination: "/dev/shm",
    type: "tmpfs",
    source: "shm",
    options: ["rprivate", "nosuid", "noexec", "nodev", "mode=1777", "size=65536000"],
  },
  {
    destination: "/sys/fs/cgroup",
    type: "cgroup",
    source: "cgroup",
    options: ["rprivate", "nosuid", "noexec", "nodev", "relatime", "ro"],
  },
  {
    destination: "/run/.containerenv",
    type: "bind",
    source: "/run/galley/x/containerenv",
    options: ["bind", "rprivate"],
  },
  { destination: "/etc/resolv.conf", type: "bind", source: "/run/galley/x/resolv.conf", options: ["bind", "rprivate"] },
  { destination: "/data", type: "bind", source: "/srv/data", options: ["rbind", "ro", "rprivate"] },
];

export const podmanMaskedPaths: readonly string[] = [
  "/proc/acpi",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/sys/dev/block",
  "/sys/devices/virtual/powercap",
  "/sys/firmware",
  "/sys/fs/selinux",
];

export const podmanReadOnlyPaths: readonly string[] = [
  "/proc/asound",
  "/proc/bus",
  "/proc/fs",
  "/proc/irq",
  "/proc/sys",
  "/proc/sysrq-trigger",
];
