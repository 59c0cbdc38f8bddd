import { detectCgroups } from "@galley/cgroups";
import { explain } from "@galley/plan";
import { bundleLaunch, containerPlan } from "@galley/runtime";

const spec = {
  ociVersion: "1.2.0",
  root: { path: "rootfs", readonly: true },
  process: { user: { uid: 1000, gid: 1000 }, cwd: "/", args: ["sh", "-c", "echo hi"], noNewPrivileges: true },
  mounts: [{ destination: "/proc", type: "proc", source: "proc" }],
  linux: { namespaces: [{ type: "mount" }, { type: "pid" }], resources: { pids: { limit: 20 } } },
} as const;

const launch = bundleLaunch(
  { directory: "/srv/bundle", spec },
  {
    id: "hello",
    architecture: "amd64",
    sourceKind: () => "directory",
    cgroups: detectCgroups({ mountinfo: "26 23 0:22 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", selfCgroup: "0::/\n", controllers: "pids" }),
    openStdin: false,
    keeper: {
      programPath: "/usr/lib/galley/keeper",
      runDirectory: "/run/galley/hello",
      keepDirectory: "/var/lib/galley/hello",
      stamp: "boot 1",
      names: { log: "log", pid: "pid", exit: "exit", socket: "attach.sock" },
      attached: false,
    },
  },
);
console.log(explain(containerPlan(launch).plan));
