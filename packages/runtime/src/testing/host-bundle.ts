import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accountedControllers, groupDirectories } from "@galley/cgroups";
import { type ExitRecord, keeperPath, type PidRecord, parseExitRecord, parsePidRecord } from "@galley/keeper";
import { platformOf, type RuntimeSpec } from "@galley/spec";
import { perform, stagePath } from "@galley/stage";
import { bundleLaunch } from "../bundle-launch.ts";
import type { ContainerLaunch } from "../container-plan.ts";
import { type CreatedContainer, type CreateOptions, createContainer } from "../create-container.ts";
import type { ExecLaunch } from "../exec-plan.ts";
import { hostCgroups } from "./host-cgroups.ts";
import { runtimeSpec, type SpecChanges } from "./launches.ts";

const busybox = "/usr/bin/busybox";

/** Why containers cannot be run here, or nothing. */
export function whyNoContainers(): string {
  if (process.platform !== "linux") return "needs Linux";
  if (process.getuid?.() !== 0) return "needs root";
  if (!existsSync(busybox)) return "needs busybox-static";
  try {
    execFileSync(busybox, ["true"]);
    for (const path of [stagePath(), keeperPath()]) if (!existsSync(path)) return `needs ${path}`;
  } catch {
    return "npm run build:native has not run";
  }
  return "";
}

/** How a container ended and what it said. */
export interface Finished {
  readonly stdout: string;
  readonly stderr: string;
  readonly record: ExitRecord;
}

/** A bundle of busybox in a directory of its own, which goes away at the end, together with what containers of it left. */
export interface HostBundle extends Disposable {
  readonly directory: string;
  readonly rootfs: string;
  readonly runDirectory: string;
  readonly keepDirectory: string;
  /** A launch of the bundle with these changes; each has a name of its own. */
  launch(changes?: SpecChanges, more?: Partial<ContainerLaunch>): ContainerLaunch;
  /** Creates, starts and waits. */
  run(command: string | readonly string[], changes?: SpecChanges, more?: Partial<ContainerLaunch>): Promise<Finished>;
  exitRecord(): ExitRecord;
  pidRecord(): PidRecord;
}

let count = 0;

/** Makes a bundle. */
export function hostBundle(): HostBundle {
  const directory = mkdtempSync(join(tmpdir(), "galley-runtime-"));
  const [rootfs, runDirectory, keepDirectory] = ["rootfs", "run", "keep"].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [rootfs, runDirectory, keepDirectory, `${rootfs}/bin`, `${rootfs}/tmp`, `${rootfs}/etc`])
    mkdirSync(path, { mode: 0o755 });
  copyFileSync(busybox, `${rootfs}/bin/busybox`);
  for (const applet of execFileSync(busybox, ["--list"], { encoding: "utf8" }).split("\n")) {
    if (applet && applet !== "busybox") symlinkSync("busybox", `${rootfs}/bin/${applet}`);
  }
  const launched: ContainerLaunch[] = [];
  const launch: HostBundle["launch"] = (changes = {}, more = {}) => {
    const spec: RuntimeSpec = runtimeSpec(changes);
    const made = bundleLaunch({ directory, spec }, { ...hostLaunch(runDirectory, keepDirectory), ...more });
    launched.push(made);
    return made;
  };
  return {
    directory,
    rootfs,
    runDirectory,
    keepDirectory,
    launch,
    run: (command, changes = {}, more = {}) => {
      const args = typeof command === "string" ? ["sh", "-c", command] : command;
      return finished(launch({ ...changes, process: { args, ...changes.process } }, more));
    },
    exitRecord: () => parseExitRecord(readFileSync(join(keepDirectory, "exit"), "utf8")),
    pidRecord: () => parsePidRecord(readFileSync(join(runDirectory, "pid"), "utf8")),
    [Symbol.dispose]: () => {
      for (const path of launched.flatMap(groupPaths)) if (existsSync(path)) rmdirSync(path);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function hostLaunch(runDirectory: string, keepDirectory: string): Omit<ContainerLaunch, "spec" | "mountRoot"> {
  count += 1;
  return {
    id: `runtime-test-${process.pid}-${count}`,
    architecture: platformOf(process.arch).architecture,
    sourceKind: (path) => (statSync(path).isDirectory() ? "directory" : "file"),
    cgroups: hostCgroups(),
    openStdin: false,
    keeper: {
      programPath: keeperPath(),
      runDirectory,
      keepDirectory,
      stamp: "boot-1",
      names: { log: "log", pid: "pid", exit: "exit", socket: "attach.sock" },
      attached: false,
    },
  };
}

/** Runs a launch to its end. */
export async function finished(launch: ContainerLaunch): Promise<Finished> {
  const said = { stdout: "", stderr: "" };
  const onOutput = (stream: "stdout" | "stderr", bytes: Uint8Array): void => {
    said[stream] += Buffer.from(bytes).toString("latin1");
  };
  const container = await createContainer(launch, perform, { onOutput });
  await container.start();
  return { record: await container.exited, ...said };
}

/** The directories of a launch's control group. */
export function groupPaths(launch: Pick<ContainerLaunch, "id" | "cgroups">): string[] {
  const { cgroups, id } = launch;
  const every = [...cgroups.legacy.flatMap(({ controllers }) => controllers), ...(cgroups.unified ? ["cgroup"] : [])];
  return groupDirectories(cgroups, `/galley-${id}`, every).map(({ hostPath }) => hostPath);
}

/** Starts a container and leaves it running. */
export async function started(launch: ContainerLaunch, options: CreateOptions = {}): Promise<CreatedContainer> {
  const container = await createContainer(launch, perform, options);
  await container.start();
  return container;
}

/** The launch of one more process in a running container. */
export function execIn(
  bundle: HostBundle,
  container: ContainerLaunch,
  changes: Partial<ExecLaunch> & Pick<ExecLaunch, "process">,
): ExecLaunch {
  const directory = mkdtempSync(join(bundle.directory, "exec-"));
  const { child, childStart } = bundle.pidRecord();
  const { cgroups, keeper, architecture } = container;
  return {
    title: "exec in a test's container",
    target: { pid: child, startTicks: childStart },
    namespaces: ["network", "mount", "pid", "ipc", "uts", "cgroup"],
    cgroups: groupDirectories(cgroups, `/galley-${container.id}`, accountedControllers),
    architecture,
    keeper: { ...keeper, runDirectory: directory, keepDirectory: directory, attached: true },
    openStdin: false,
    ...changes,
  };
}

/** What could leak: mounts, control groups, descriptors of this process, and processes of this session's tests. */
export function traces(): Record<string, readonly string[] | number> {
  const { legacy, unified } = hostCgroups();
  const mountPoints = [...legacy, ...(unified ? [unified] : [])].map(({ mountPoint }) => mountPoint);
  const isOurs = (name: string): boolean => name.startsWith(`galley-runtime-test-${process.pid}-`);
  return {
    mounts: readFileSync("/proc/self/mountinfo", "utf8").split("\n"),
    groups: mountPoints.flatMap((mountPoint) => readdirSync(mountPoint).filter(isOurs)),
    descriptors: readdirSync("/proc/self/fd").length,
    keepers: keepers(),
  };
}

function keepers(): string[] {
  return readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/cmdline`, "utf8").includes(`runtime-test-${process.pid}-`);
    } catch {
      return false; // gone meanwhile
    }
  });
}

/** Writes a file into the bundle's root. */
export function writeInto(bundle: HostBundle, path: string, text: string, mode = 0o644): void {
  writeFileSync(join(bundle.rootfs, path), text, { mode });
}
