import type { Duplex } from "node:stream";
import { errnoName, type Lane, type Perform, type Performance, type Plan } from "@galley/plan";
import { type ErrorKind, galleyError, isGalleyError } from "@galley/spec";
import { abandonLaunch } from "./abandon-launch.ts";
import { attachDescriptor, readyDescriptor } from "./keeper-steps.ts";

/** A process that runs, with its keeper. */
export interface Launched {
  /** Its process id on the host. */
  readonly pid: number;
  /** The keeper's process id on the host. */
  readonly keeperPid: number;
  /** The connection to the keeper, where one was asked for: speak to it with `attach` of `@galley/keeper`. */
  readonly client?: Duplex;
}

/** A plan whose host lane becomes a keeper. */
export interface LaunchPlan {
  readonly plan: Plan;
  /** The lane that becomes the process. */
  readonly processLane: Lane;
  readonly command: string;
  readonly attached: boolean;
  /** Host paths of the control groups that it makes: to remove when it fails. */
  readonly groups: readonly string[];
}

/**
 * Performs a launch: resolves when the process has been executed and its keeper has taken over.
 *
 * @throws not-found runtime.command-not-found; forbidden runtime.not-executable; else the failed step, or what the keeper says.
 *   Then nothing runs, and no control group is left.
 */
export function startLaunch(launch: LaunchPlan, perform: Perform, options: LaunchOptions = {}): Promise<Launched> {
  return beginLaunch(launch, perform, options).launched();
}

/** A launch under way. */
export interface Launching {
  readonly performance: Performance;
  /** To be called once: waits for the rest, see `startLaunch`. */
  launched(): Promise<Launched>;
}

/** How to launch. */
export interface LaunchOptions {
  readonly signal?: AbortSignal;
}

/** Begins a launch, for those who take part in it by marks. */
export function beginLaunch(launch: LaunchPlan, perform: Perform, options: LaunchOptions = {}): Launching {
  const inherit = [
    "ignore",
    "ignore",
    "ignore",
    "ignore",
    "ignore",
    launch.attached ? "pipe" : "ignore",
    "pipe",
  ] as const;
  const performance = perform(launch.plan, { inherit, ...options });
  const client = performance.streams.get(attachDescriptor);
  const ready = keeperReady(performance.streams.get(readyDescriptor) as Duplex);
  ready.catch(() => {}); // a failed step is the better cause
  client?.on("error", () => {}); // told by whoever attaches
  const launched = async (): Promise<Launched> => {
    const pid = performance.pid(launch.processLane);
    pid.catch(() => {}); // a failed step is the better cause
    try {
      await performance.ended;
      await ready;
      return { pid: await pid, keeperPid: performance.hostPid, ...(client ? { client } : {}) };
    } catch (cause) {
      client?.destroy();
      await abandonLaunch(launch, pid, perform, cause);
      throw commandError(launch.command, cause) ?? cause;
    }
  };
  return { performance, launched };
}

/** The keeper says 1, or 2 with an errno and a text. */
async function keeperReady(stream: Duplex): Promise<void> {
  const chunks: Buffer[] = [];
  stream.on("error", () => {});
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
    if (chunks[0]?.[0] === 1) break;
  }
  const said = Buffer.concat(chunks);
  if (said[0] === 1) return;
  const why = said.length > 5 ? `${said.toString("utf8", 5)}: ${errnoName(said.readInt32LE(1))}` : "it ended at once";
  throw galleyError("unavailable", "runtime.keeper-failed", `the keeper could not take over: ${why}`);
}

/** A failed exec of the process itself is the user's business, in the words that users know. */
function commandError(command: string, cause: unknown): Error | undefined {
  if (!isGalleyError(cause) || cause.code !== "stage.step-failed" || cause.details["why"] !== executeWhy)
    return undefined;
  const errno = String(cause.details["errno"]);
  const [kind, code, words] = outcomes[errno] ?? (["forbidden", "runtime.not-executable", errno] as const);
  const subject = command.includes("/") ? `exec ${command}` : `executable file \`${command}\` not found in $PATH`;
  const shown = errno === "ENOENT" ? subject : `exec ${command}`;
  return galleyError(kind, code, `${shown}: ${words}`, { cause, details: { command, errno } });
}

const outcomes: Readonly<Record<string, readonly [ErrorKind, string, string]>> = {
  ENOENT: ["not-found", "runtime.command-not-found", "No such file or directory"],
  ENOTDIR: ["not-found", "runtime.command-not-found", "Not a directory"],
  EACCES: ["forbidden", "runtime.not-executable", "Permission denied"],
  ENOEXEC: ["forbidden", "runtime.not-executable", "Exec format error"],
};

/** How the step is called that executes the process. */
export const executeWhy = "execute the process";
