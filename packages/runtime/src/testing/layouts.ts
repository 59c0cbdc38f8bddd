import { type CgroupLayout, detectCgroups } from "@galley/cgroups";

const controllers = ["cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids"];

const legacyMounts = [
  "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755",
  ...controllers.map(
    (name, index) => `${32 + index} 31 0:${29 + index} / /sys/fs/cgroup/${name} rw,relatime - cgroup cgroup rw,${name}`,
  ),
  "40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd",
].join("\n");
const legacyGroups = [
  ...controllers.map((name, index) => `${index + 1}:${name}:${name === "memory" ? "/session/4f" : "/"}`),
  "9:name=systemd:/",
].join("\n");
const secondMount = "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw";

/** Hosts by how their control groups are arranged, read from what their kernels say. */
export const layouts = {
  v1: detectCgroups({ mountinfo: legacyMounts, selfCgroup: legacyGroups }),
  hybrid: detectCgroups({
    mountinfo: `${legacyMounts}\n${secondMount}`,
    selfCgroup: `${legacyGroups}\n0::/`,
    controllers: "hugetlb\n",
  }),
  v2: detectCgroups({
    mountinfo: "26 23 0:22 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate\n",
    selfCgroup: "0::/user.slice/user-0.slice/session-1.scope\n",
    controllers: "cpuset cpu io memory hugetlb pids rdma misc\n",
  }),
} as const satisfies Record<string, CgroupLayout>;
