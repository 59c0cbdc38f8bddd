import { type Slot, type Step, stepper } from "@galley/plan";
import { galleyError, type LinuxSpec } from "@galley/spec";
import type { NamespaceName } from "./plan-namespaces.ts";
import { encodeTimeOffsets } from "./time-offsets.ts";

const step = stepper("namespaces");

/** In the order of joining: the user namespace gives the rights for the others, and the mount namespace changes what paths mean. */
const joinOrder: readonly NamespaceName[] = ["user", "network", "uts", "ipc", "cgroup", "time", "mount"];

/** A namespace to join, and the slot of its file. */
export interface Opened {
  readonly name: NamespaceName;
  readonly path: string;
  readonly file: Slot;
}

/** Opens the files of namespaces to join, in the host lane. */
export function openSteps(opened: readonly Opened[]): Step[] {
  return opened.map(({ name, path, file }) =>
    step("open", { path, flags: ["read"], out: file }, `open the ${name} namespace ${path}`),
  );
}

/** setns(2): joining a pid namespace moves only later children, so the host lane itself stays where it is. */
export function pidSteps(opened: readonly Opened[]): Step[] {
  return opened
    .filter(({ name }) => name === "pid")
    .map(({ name, path, file }) =>
      step("setns", { target: file, namespaces: [name] }, `let children start in the pid namespace ${path}`),
    );
}

/** Joins in the init lane. */
export function joinSteps(opened: readonly Opened[]): Step[] {
  return joinOrder.flatMap((wanted) =>
    opened
      .filter(({ name }) => name === wanted)
      .map(({ name, path, file }) =>
        step("setns", { target: file, namespaces: [name] }, `join the ${name} namespace ${path}`),
      ),
  );
}

/** time_namespaces(7): the offsets must be written before the first process enters, so the parent makes the namespace. */
export function timeSteps(created: readonly NamespaceName[], offsets: LinuxSpec["timeOffsets"]): Step[] {
  const written = encodeTimeOffsets(offsets ?? {});
  if (!created.includes("time")) {
    if (written.length > 0)
      throw galleyError("invalid", "namespaces.time-offsets", "time offsets need a new time namespace");
    return [];
  }
  const unshare = step("unshare", { namespaces: ["time"] }, "let children start in a new time namespace");
  const write = step(
    "write",
    { path: "/proc/self/timens_offsets", bytes: written, flags: ["proc"] },
    "set the clocks of the time namespace",
  );
  return written.length > 0 ? [unshare, write] : [unshare];
}

/** Makes namespaces for the lane that runs this. */
export function unshareSteps(names: readonly NamespaceName[]): Step[] {
  return names.length > 0 ? [step("unshare", { namespaces: names }, `make a new ${names.join(", ")} namespace`)] : [];
}
