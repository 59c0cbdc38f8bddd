import type { Duplex } from "node:stream";
import { attach, type ExitRecord } from "@galley/keeper";
import { mark, type Perform } from "@galley/plan";
import { type ContainerLaunch, containerPlan } from "./container-plan.ts";
import { beginLaunch, type LaunchOptions } from "./start-launch.ts";

/** A container that is ready but for its program (OCI runtime spec, runtime.md, "Lifecycle"). */
export interface CreatedContainer {
  /** Its first process on the host. */
  readonly pid: number;
  /** Lets the program run: resolves when it has been executed and its keeper has taken over. To be called once. */
  start(): Promise<void>;
  /** How the program ended; its output was handed to `onOutput`. */
  readonly exited: Promise<ExitRecord>;
}

/** What becomes of a created container's output. */
export interface CreateOptions extends LaunchOptions {
  readonly onOutput?: (stream: "stdout" | "stderr", bytes: Uint8Array) => void;
}

/**
 * Creates a container in two steps, within this process: until `start` it dies with this process, after it the keeper stays.
 *
 * @example
 * const container = await createContainer(bundleLaunch(bundle, rest), perform);
 * await container.start();
 * const { code } = await container.exited;
 */
export async function createContainer(
  launch: ContainerLaunch,
  perform: Perform,
  options: CreateOptions = {},
): Promise<CreatedContainer> {
  const marks = { created: mark("created"), start: mark("start") };
  const attached = { ...launch, ...marks, keeper: { ...launch.keeper, attached: true } };
  const planned = containerPlan(attached);
  const { performance, launched } = beginLaunch(planned, perform, options);
  const whole = launched();
  whole.catch(() => {}); // told by whoever waits for it
  await Promise.race([performance.told(marks.created), whole]);
  const exited = whole.then(async ({ client }) => {
    const attachment = attach(client as Duplex, options);
    const record = await attachment.exited;
    await attachment.acknowledge();
    attachment.close();
    return record;
  });
  exited.catch(() => {});
  return {
    pid: await performance.pid(planned.processLane),
    start: async () => {
      performance.tell(marks.start);
      await whole;
    },
    exited,
  };
}
