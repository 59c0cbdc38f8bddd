import { type Duplex, duplexPair } from "node:stream";
import type { Perform, Performance, Plan, Step } from "@galley/plan";
import { ownIdentity } from "../host.ts";
import { frame } from "./fake-keeper.ts";
import { exitText, write } from "./keeper-records.ts";
import { remove } from "./recorder.ts";

/** A `Perform` that plays stage and keeper: a launch leaves a pid record that names this very process. */
export interface FakeLaunch {
  readonly perform: Perform;
  readonly plans: Plan[];
  /** The keeper of the last launch ends. */
  exit(code: number): void;
  /** It is killed instead; the container runs on. */
  die(): void;
  /** Launches fail with this from now on. */
  fail(error: Error | undefined): void;
}

interface Launch {
  readonly runDirectory: string;
  readonly keepDirectory: string;
  readonly stamp: string;
  readonly keeperEnd: Duplex;
  readonly client: Duplex;
}

/** Makes one; it carries out removals, too. */
export function fakeLaunch(): FakeLaunch {
  const plans: Plan[] = [];
  let last: Launch | undefined;
  let failure: Error | undefined;
  const perform: Perform = (plan, options) => {
    plans.push(plan);
    const keeper = plan.lane.steps.findLast(({ op }) => op === "exec");
    const failed = keeper ? failure : undefined;
    const ended = failed ? Promise.reject(failed) : Promise.resolve();
    ended.catch(() => {});
    const streams = new Map<number, Duplex>();
    if (keeper) last = launch(plan, keeper, streams, failed !== undefined);
    if (options?.inherit?.[5] !== "pipe") streams.delete(5);
    else remove(plan);
    const pid = async (): Promise<number> => process.pid;
    return {
      ended,
      streams,
      pid,
      content: () => undefined,
      hostPid: process.pid,
      end: () => {},
    } as unknown as Performance;
  };
  return {
    perform,
    plans,
    fail: (error) => {
      failure = error;
    },
    die: () => void last?.client.destroy(),
    exit: (code) => {
      const text = exitText({ code, stamp: last?.stamp ?? "" });
      write(last?.keepDirectory ?? "", "exit", text);
      last?.keeperEnd.end(frame(3, Buffer.from(text)));
    },
  };
}

function launch(plan: Plan, keeper: Step, streams: Map<number, Duplex>, failed: boolean): Launch {
  const argv = keeper.op === "exec" ? keeper.args.argv : [];
  const [client, keeperEnd] = duplexPair();
  const [ready, told] = duplexPair();
  streams.set(5, client).set(6, ready);
  const launched = {
    runDirectory: opened(plan, "run"),
    keepDirectory: opened(plan, "lasting"),
    stamp: argv[argv.indexOf("--stamp") + 1] ?? "",
    keeperEnd,
    client,
  };
  const { pid, startTicks } = ownIdentity();
  const record = {
    version: 1,
    keeper: pid,
    keeperStart: startTicks,
    child: pid,
    childStart: startTicks,
    stamp: launched.stamp,
  };
  if (!failed) write(launched.runDirectory, "pid", `${JSON.stringify(record)}\n`);
  told.end(failed ? new Uint8Array() : Uint8Array.of(1));
  return launched;
}

function opened({ lane }: Plan, which: string): string {
  const step = lane.steps.find(({ op, why }) => op === "open" && why === `open the ${which} directory`);
  return step?.op === "open" ? String(step.args.path) : "";
}
