import { enterCgroup, type GroupDirectory } from "@galley/cgroups";
import { terminalSteps } from "@galley/mounts";
import { enterSteps, type NamespaceName } from "@galley/namespaces";
import { lane, type Slot, type Step, slot, stepper } from "@galley/plan";
import type { ProcessSpec, SeccompSpec } from "@galley/spec";
import { checkProcess } from "./check-process.ts";
import { hostInput } from "./empty-input.ts";
import { hostLane } from "./host-lane.ts";
import type { KeeperLaunch } from "./keeper-steps.ts";
import { processSteps } from "./process-steps.ts";
import type { LaunchPlan } from "./start-launch.ts";
import { pipeStreams, terminalStreams } from "./streams.ts";
import { type TerminalSize, terminalSize } from "./terminal-size.ts";

/** Everything about one more process in a running container, as data. */
export interface ExecLaunch {
  readonly title: string;
  /** Process 1 of the container, by pid and start time (clock ticks after boot). */
  readonly target: { readonly pid: number; readonly startTicks: number };
  /** The namespaces that are the container's own. */
  readonly namespaces: readonly NamespaceName[];
  /** The container's control groups. */
  readonly cgroups: readonly GroupDirectory[];
  readonly process: ProcessSpec;
  readonly seccomp?: SeccompSpec;
  readonly architecture: string;
  readonly keeper: KeeperLaunch;
  readonly openStdin: boolean;
  /** A terminal's size at the start, instead of `process.consoleSize`. */
  readonly size?: TerminalSize;
}

const step = stepper("runtime");

/**
 * One more process in a container. The pid namespace counts for children only, so the host lane joins it before the clone;
 * all others are joined by the new process itself, at once, by the pidfd of the container's first process.
 *
 * @throws invalid, unsupported: what the process asks for and this runtime does not do is refused, never ignored
 *
 * @example
 * console.log(explain(execPlan(launch).plan));
 */
export function execPlan(launch: ExecLaunch): LaunchPlan {
  checkProcess(launch.process, launch.seccomp);
  const target = slot("container");
  const nothing = slot("null");
  const connected = launch.process.terminal
    ? terminalStreams(openTerminal(launch))
    : pipeStreams({ stdin: launch.openStdin, empty: hostInput(), uid: launch.process.user.uid });
  const host = hostLane(launch.keeper, connected, nothing);
  const cgroups = enterCgroup(launch.cgroups);
  const others = launch.namespaces.filter((name) => name !== "pid");

  const processLane = lane("exec", [
    ...cgroups.joinSteps,
    step("session", {}, "start a session of its own"),
    ...(others.length > 0 ? enterSteps(target, others) : []),
    ...connected.processSteps,
    ...processSteps({
      process: launch.process,
      architecture: launch.architecture,
      descriptors: connected.processDescriptors,
      keyring: `galley-exec-${launch.target.pid}-${launch.target.startTicks}`,
      committed: host.committed,
      ...(launch.seccomp ? { seccomp: launch.seccomp } : {}),
    }),
  ]);
  const { pid, startTicks } = launch.target;
  const before = [
    step("openProcess", { pid, startTicks, out: target }, "hold process 1 of the container"),
    ...cgroups.hostSteps,
    ...(launch.namespaces.includes("pid") ? enterSteps(target, ["pid"]) : []),
  ];
  const clone = (pidfd: Slot): Step => step("clone", { lane: processLane, namespaces: [], pidfd }, "clone the process");
  const plan = { title: launch.title, lane: lane("host", host.steps({ before, processLane, clone })) };
  return { plan, processLane, command: launch.process.args?.[0] ?? "", attached: launch.keeper.attached, groups: [] };
}

/** The container's devpts, wherever its /dev/pts leads: the operation checks that it is one. */
function openTerminal({ process, size }: ExecLaunch): ReturnType<typeof terminalSteps> {
  const root = slot("container-root");
  const pts = slot("container-pts");
  const opened = terminalSteps({
    root,
    pts,
    console: false,
    owner: { uid: process.user.uid, gid: 5 },
    ...terminalSize(process, size),
  });
  return {
    ...opened,
    steps: [
      step("open", { path: "/", flags: ["pathOnly", "directory"], out: root }, "open the container's root"),
      step(
        "open",
        { at: root, path: "dev/pts", flags: ["pathOnly", "directory"], out: pts },
        "open the container's devpts",
      ),
      ...opened.steps,
    ],
  };
}
