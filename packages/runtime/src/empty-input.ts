import { type Slot, type Step, slot, stepper } from "@galley/plan";

const step = stepper("runtime");

/** A standard input that reads as empty. What is behind it must not be the host's own /dev/null: its mode could be changed. */
export interface EmptyInput {
  readonly slot: Slot;
  /** In the host lane. */
  readonly hostSteps: readonly Step[];
  /** In the process's lane, once /dev is whole. */
  readonly processSteps: readonly Step[];
}

/** The null device of a container's own new /dev. */
export function containerInput(dev: Slot): EmptyInput {
  const input = slot("empty-input");
  const open = step(
    "open",
    { at: dev, path: "null", flags: ["read", "write"], out: input },
    "open the container's /dev/null as standard input",
  );
  return { slot: input, hostSteps: [], processSteps: [open] };
}

/** The host's null device behind a read-only mount of its own, for where the container's /dev cannot be trusted. */
export function hostInput(): EmptyInput {
  const input = slot("empty-input");
  const tree = slot("host-dev");
  return {
    slot: input,
    hostSteps: [
      step("openTree", { path: "/dev", out: tree }, "take /dev"),
      step("mountAttributes", { at: tree, path: "", set: ["readOnly"] }, "make that view of it read-only"),
      step("open", { at: tree, path: "null", flags: ["read"], out: input }, "open /dev/null as standard input"),
    ],
    processSteps: [],
  };
}
