import { type KeeperDescriptors, keeperArguments } from "@galley/keeper";
import { type Handover, type Slot, type Step, slot, stepper } from "@galley/plan";
import type { Streams } from "./streams.ts";

const step = stepper("keeper");

/** What the keeper of one process is told. */
export interface KeeperLaunch {
  /** Host path of the keeper program. */
  readonly programPath: string;
  /** An existing host directory that gets the attach socket and the pid record; lost at a reboot. */
  readonly runDirectory: string;
  /** An existing host directory that gets the exit record and the log. */
  readonly keepDirectory: string;
  /** Opaque text copied into both records: the boot id. */
  readonly stamp: string;
  /** File names: the log (none when left out), the records and the socket. */
  readonly names: { readonly log?: string; readonly pid: string; readonly exit: string; readonly socket: string };
  /** Whether descriptor 5 of the performance is a connected attach client. */
  readonly attached: boolean;
  /** Close standard input when the attached client goes. */
  readonly stdinOnce?: boolean;
  /** Files to copy into the exit record at the end, by name. */
  readonly read?: Readonly<Record<string, string>>;
  /** Empty directories to remove at the end: the control groups. */
  readonly rmdir?: readonly string[];
  /** A command to become at the end, unless the attached client takes care itself. */
  readonly afterwards?: readonly string[];
}

/** Descriptors of the performance: 3 and 4 are the stage's own. */
export const attachDescriptor = 5;
export const readyDescriptor = 6;

/** Steps of the host lane around a clone. */
export interface KeeperSteps {
  /** Open what the keeper will hold. */
  readonly before: readonly Step[];
  /** Become the keeper. */
  readonly become: Step;
}

/**
 * The steps by which the host lane turns into the keeper of the process whose pidfd is in `child`.
 * `nothing` holds /dev/null.
 */
export function keeperSteps(
  launch: KeeperLaunch,
  ends: Streams["keeperEnds"],
  child: Slot,
  nothing: Slot,
): KeeperSteps {
  const run = slot("run-directory");
  const keep = slot("keep-directory");
  const listen = slot("attach-socket");
  const ready = slot("ready");
  const log = launch.names.log === undefined ? undefined : slot("log");
  const client = launch.attached ? slot("attach-client") : undefined;
  const held: Readonly<Record<string, Slot | undefined>> = { child, run, keep, ...ends, log, listen, client, ready };
  return {
    before: [
      step("open", { path: launch.runDirectory, flags: ["read", "directory"], out: run }, "open the run directory"),
      step("lock", { slot: run }, "show that somebody lives who answers for this process"),
      step(
        "open",
        { path: launch.keepDirectory, flags: ["read", "directory"], out: keep },
        "open the lasting directory",
      ),
      ...(log && launch.names.log
        ? [
            step(
              "open",
              { at: keep, path: launch.names.log, flags: ["write", "append", "create"], mode: 0o600, out: log },
              "open the log",
            ),
          ]
        : []),
      step("unlink", { at: run, path: launch.names.socket }, "remove an old attach socket", { ok: ["ENOENT"] }),
      step("listen", { at: run, name: launch.names.socket, mode: 0o600, out: listen }, "listen for attach clients"),
      step(
        "inherited",
        { descriptor: readyDescriptor, out: ready },
        "take the stream that is told when the keeper is ready",
      ),
      ...(client ? [step("inherited", { descriptor: attachDescriptor, out: client }, "take the attached client")] : []),
    ],
    become: becomeKeeper(launch, held, nothing),
  };
}

function becomeKeeper(launch: KeeperLaunch, held: Readonly<Record<string, Slot | undefined>>, nothing: Slot): Step {
  const filled = Object.entries(held).flatMap(([name, slot]) => (slot ? [{ name, slot }] : []));
  const handovers = filled.map(({ slot }, index): Handover => ({ slot, number: index + firstNumber }));
  const descriptors = Object.fromEntries(filled.map(({ name }, index) => [name, index + firstNumber]));
  const options = {
    descriptors: descriptors as unknown as KeeperDescriptors,
    exitName: launch.names.exit,
    pidName: launch.names.pid,
    stamp: launch.stamp,
    ...(launch.read ? { read: launch.read } : {}),
    ...(launch.rmdir ? { rmdir: launch.rmdir } : {}),
    ...(launch.stdinOnce ? { stdinOnce: true } : {}),
    ...(launch.afterwards ? { afterwards: launch.afterwards } : {}),
  };
  const args = {
    candidates: [launch.programPath],
    argv: ["galley-keeper", ...keeperArguments(options)],
    env: [`PATH=${keeperSearchPath}`],
    descriptors: [...[0, 1, 2].map((number) => ({ slot: nothing, number })), ...handovers],
  };
  return step("exec", args, "become the keeper: relay, log, reap, record");
}

const firstNumber = 5;
/** For what the keeper becomes at the end. */
const keeperSearchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
