import { stepper } from "@galley/plan";
import type { Engine } from "../engine.ts";
import type { RootSteps } from "../trees/walk-root.ts";
import { isMounted, mountPoint } from "./mount-record.ts";

const step = stepper("engine");

/** A copy of the mount that somebody has of a root on the host; undefined when nobody has. */
export function mountedRoot(engine: Engine, id: string): RootSteps | undefined {
  if (!isMounted(engine, id)) return undefined;
  return (out) => [step("openTree", { path: mountPoint(engine, id), out }, "copy the mount there is of its root")];
}
