import { explain } from "@galley/plan";
import { bundleLaunch, containerPlan } from "@galley/runtime";

const spec = {
  ociVersion: "1.2.0",
  root: { path: "rootfs", readonly: true },
  process: { user: { uid: 1000, gid: 1000 }, cwd: "/", args: ["echo", "hi"], noNewPrivileges: true },
  mounts: [{ destination: "/proc", type: "proc" }],
  linux: { namespaces: [{ type: "mount" }, { type: "pid" }], resources: { pids: { limit: 20 } } },
} as const;
const unified = { mountPoint: "/sys/fs/cgroup", controllers: ["pids"], ownPath: "/" };
const names = { log: "log", pid: "pid", exit: "exit", socket: "attach.sock" };
const directories = { runDirectory: "/run/galley/hello", keepDirectory: "/var/lib/galley/hello" };

const bundle = { directory: "/srv/bundle", spec };
const launch = bundleLaunch(bundle, {
  id: "hello",
  architecture: "amd64",
  sourceKind: () => "directory",
  cgroups: { mode: "v2", legacy: [], unified },
  openStdin: false,
  keeper: { programPath: "/usr/lib/galley/keeper", ...directories, names, stamp: "boot 1", attached: false },
});
console.log(explain(containerPlan(launch).plan));
