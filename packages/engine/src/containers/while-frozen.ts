import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { freezeState, freezeWrite, parseFrozen } from "@galley/cgroups";
import { type Lane, lane, mark, type Plan, stepper } from "@galley/plan";
import { galleyError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { containerCgroups } from "./container-cgroups.ts";
import type { ContainerRecord } from "./container-record.ts";

const step = stepper("engine");
/** How long the kernel may take to stop the processes of a group. */
const freezeWaitMs = 10_000;
const pollMs = 2;

/**
 * Does something while a running container stands still. A process of its own lets it go on as soon as we are done or gone: a
 * caller that is killed leaves no frozen container. One that stands still already stays so.
 *
 * @throws unsupported cgroups.freezer; unavailable engine.not-frozen
 */
export async function whileFrozen<Result>(
  engine: Engine,
  record: ContainerRecord,
  act: () => Promise<Result>,
): Promise<Result> {
  if (isFrozen(record)) return act();
  const [frozen, done] = [mark("frozen"), mark("done")];
  const performance = engine.ports.perform(freezePlan(record, frozen, done));
  performance.ended.catch(() => {});
  try {
    await performance.told(frozen);
    await untilFrozen(record);
    return await act();
  } finally {
    performance.tell(done);
    await performance.ended;
  }
}

function freezePlan(record: ContainerRecord, frozen: ReturnType<typeof mark>, done: ReturnType<typeof mark>): Plan {
  const over = mark("over");
  const guard = guardLane(record, frozen, over);
  const steps = [
    step("clone", { lane: guard, namespaces: [] }, "start whoever lets it go on"),
    step("await", { mark: done }, "wait for the caller"),
    step("tell", { mark: over }, "say that it is over"),
    step("finished", { lane: guard }, "see that it goes on"),
  ];
  return { title: `pause container ${record.name}`, lane: lane("host", steps) };
}

/** It does not die with its caller, and takes its caller's death for the end. */
function guardLane(record: ContainerRecord, frozen: ReturnType<typeof mark>, over: ReturnType<typeof mark>): Lane {
  const write = (stop: boolean) => {
    const { hostPath, text } = freezeWrite(containerCgroups(record.id), stop);
    return { path: hostPath, bytes: Buffer.from(text), flags: ["cgroup"] } as const;
  };
  return lane("guard", [
    step("outlive", {}, "be there when the caller is not"),
    step("write", write(true), "stop the container's processes"),
    step("tell", { mark: frozen }, "say so"),
    step("await", { mark: over }, "wait until it may go on", { ok: ["ECONNRESET", "EPIPE"] }),
    step("write", write(false), "let them go on", { ok: ["ENOENT"] }),
  ]);
}

async function untilFrozen(record: ContainerRecord): Promise<void> {
  const deadline = performance.now() + freezeWaitMs;
  while (!isFrozen(record)) {
    if (performance.now() > deadline)
      throw galleyError("unavailable", "engine.not-frozen", `container ${record.name} does not stand still`);
    await pause(pollMs);
  }
}

function isFrozen(record: ContainerRecord): boolean {
  const { hostPath, version } = freezeState(containerCgroups(record.id));
  return parseFrozen(readFileSync(hostPath, "utf8"), version);
}
