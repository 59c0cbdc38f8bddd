import { type CgroupLayout, detectCgroups } from "../layout.ts";

const legacyNames = ["cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids"];

/** A host with one mount for each version 1 controller and a bare version 2 hierarchy. */
export const hybridTexts = {
  mountinfo: [
    "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard",
    "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755",
    ...legacyNames.map(
      (name, index) =>
        `${32 + index} 31 0:${29 + index} / /sys/fs/cgroup/${name} rw,relatime - cgroup cgroup rw,${name}`,
    ),
    "40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime shared:9 master:2 - cgroup cgroup rw,xattr,name=systemd",
    "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw",
    "",
  ].join("\n"),
  selfCgroup: [
    ...legacyNames.map((name, index) => `${index + 1}:${name}:${name === "memory" ? "/session/4f" : "/"}`),
    "9:name=systemd:/",
    "0::/",
    "",
  ].join("\n"),
  controllers: "hugetlb\n",
};

/** A distribution that joins controllers into one mount. */
export const joinedTexts = {
  mountinfo: [
    "30 29 0:26 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid,nodev,noexec,relatime shared:10 - cgroup cgroup rw,cpu,cpuacct",
    "31 29 0:27 / /sys/fs/cgroup/net_cls,net_prio rw,relatime - cgroup cgroup rw,net_cls,net_prio",
    "32 29 0:28 / /sys/fs/cgroup/devices rw,relatime - cgroup cgroup rw,devices",
    "33 29 0:29 / /mnt/a\\040b/memory rw,relatime - cgroup cgroup rw,memory",
  ].join("\n"),
  selfCgroup: "5:cpu,cpuacct:/user.slice\n4:net_cls,net_prio:/\n3:devices:/user.slice\n2:memory:/user.slice\n",
};

/** A modern host. */
export const unifiedTexts = {
  mountinfo:
    "26 23 0:22 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n",
  selfCgroup: "0::/user.slice/user-0.slice/session-1.scope\n",
  controllers: "cpuset cpu io memory hugetlb pids rdma misc\n",
};

export const hybrid: CgroupLayout = detectCgroups(hybridTexts);
export const joined: CgroupLayout = detectCgroups(joinedTexts);
export const unified: CgroupLayout = detectCgroups(unifiedTexts);
export const bare: CgroupLayout = detectCgroups({ mountinfo: "", selfCgroup: "" });
