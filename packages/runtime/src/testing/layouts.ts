import { type CgroupLayout, detectCgroups } from "@galley/cgroups";

const usual = ["cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids"];
const every = [...usual, "hugetlb", "net_cls", "net_prio", "rdma"];

const legacyMounts = (names: readonly string[]): string[] => [
  "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755",
  ...names.map(
    (name, index) => `${32 + index} 31 0:${29 + index} / /sys/fs/cgroup/${name} rw,relatime - cgroup cgroup rw,${name}`,
  ),
  "60 31 0:57 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd",
];
const legacyGroups = (names: readonly string[]): string[] => [
  ...names.map((name, index) => `${index + 1}:${name}:${name === "memory" ? "/session/4f" : "/"}`),
  "30:name=systemd:/",
];
const text = (lines: readonly string[]): string => `${lines.join("\n")}\n`;

/** Hosts by how their control groups are arranged, read from what their kernels say. */
export const layouts = {
  v1: detectCgroups({ mountinfo: text(legacyMounts(every)), selfCgroup: text(legacyGroups(every)) }),
  hybrid: detectCgroups({
    mountinfo: text([...legacyMounts(usual), "61 31 0:58 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw"]),
    selfCgroup: text([...legacyGroups(usual), "0::/"]),
    controllers: "hugetlb\n",
  }),
  v2: detectCgroups({
    mountinfo: "26 23 0:22 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate\n",
    selfCgroup: "0::/user.slice/user-0.slice/session-1.scope\n",
    controllers: "cpuset cpu io memory hugetlb pids rdma misc\n",
  }),
} as const satisfies Record<string, CgroupLayout>;
