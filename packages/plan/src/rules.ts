import { argumentRules } from "./argument-rules.ts";
import { argumentsOf } from "./arguments-of.ts";
import type { OperationName } from "./operations.ts";
import type { Handover, Lane, Mark, Slot, Step, StepOf } from "./step.ts";

/** Where a rule is broken. */
export interface Found {
  readonly lane: string;
  readonly step: number;
  readonly message: string;
}

/** A rule over all lanes of a plan; the host lane comes first. */
export interface Rule {
  readonly name: string;
  readonly find: (lanes: readonly Lane[]) => Found[];
}

/** Within each lane, no step that `late` names comes before one that `early` names. */
function order(name: string, early: readonly OperationName[], late: readonly OperationName[], message: string): Rule {
  return {
    name,
    find: (lanes) =>
      lanes.flatMap((lane) => {
        const lastEarly = lane.steps.findLastIndex((step) => early.includes(step.op));
        return lane.steps.flatMap((step, index) =>
          late.includes(step.op) && index < lastEarly
            ? [{ lane: lane.lane, step: index + 1, message: `${step.op}: ${message}` }]
            : [],
        );
      }),
  };
}

/** Every kernel surprise becomes a rule, once. */
export const rules: readonly Rule[] = [
  { name: "slots are filled before use", find: unfilledSlots },
  { name: "marks are paired", find: unpairedMarks },
  { name: "a lane is cloned before it is waited for", find: unclonedLanes },
  order(
    "groups before ids",
    ["groups"],
    ["ids"],
    "the ids are set before the groups, which then fail with EPERM (setgroups(2))",
  ),
  order(
    "bounding set before ids",
    ["boundingSet"],
    ["ids"],
    "dropping from the bounding set needs CAP_SETPCAP, which the ids may take away",
  ),
  order(
    "ids before capabilities",
    ["ids", "groups"],
    ["capabilities"],
    "the ids must be set while CAP_SETUID is there",
  ),
  order(
    "keep capabilities before ids",
    ["keepCapabilities"],
    ["ids"],
    "capabilities are lost when the ids change (PR_SET_KEEPCAPS(2const))",
  ),
  order(
    "ambient after capabilities",
    ["capabilities"],
    ["ambientSet"],
    "ambient capabilities must be permitted and inheritable already",
  ),
  order(
    "label after the last namespace join",
    ["setns", "unshare"],
    ["label"],
    "the label must be written after the last join",
  ),
  order("pivot after the mounts", ["newFileSystem", "openTree"], ["pivot"], "host paths are gone after pivot_root(2)"),
  { name: "cgroup namespace after joining the cgroup", find: cgroupNamespaceTooEarly },
  { name: "seccomp is last before exec", find: seccompNotLast },
  { name: "nothing follows exec", find: stepsAfterExec },
  { name: "pivot only in an own mount namespace", find: pivotInHost },
  { name: "ids after the maps", find: idsBeforeMaps },
  { name: "one lane reads the control stream", find: secondReader },
  ...argumentRules,
];

/** The slots that a step reads, and those that it fills. */
export function slotsOf(step: Step): { readonly reads: readonly Slot[]; readonly fills: readonly Slot[] } {
  const args = step.args as Readonly<Record<string, unknown>>;
  const named = (wanted: string): Slot[] =>
    argumentsOf(step.op).flatMap(([name, kind]) => (kind === wanted && args[name] ? [args[name] as Slot] : []));
  const handed = step.op === "exec" ? step.args.descriptors.map((each: Handover) => each.slot) : [];
  return { reads: [...named("slot"), ...handed], fills: named("out") };
}

/** A child lane inherits the slots that were filled before its `clone`. */
function unfilledSlots(lanes: readonly Lane[]): Found[] {
  const host = lanes[0];
  return host ? unfilledIn(host, new Set()) : [];
}

function unfilledIn(lane: Lane, filled: Set<Slot>): Found[] {
  return lane.steps.flatMap((step, index) => {
    const { reads, fills } = slotsOf(step);
    const missing = reads.filter((slot) => !filled.has(slot));
    const inner = step.op === "clone" ? unfilledIn(step.args.lane, new Set(filled)) : [];
    for (const slot of fills) filled.add(slot);
    if (step.op === "close") filled.delete(step.args.slot);
    const found = missing.map((slot) => ({
      lane: lane.lane,
      step: index + 1,
      message: `${step.op}: slot ${slot.slot} is not filled`,
    }));
    return [...found, ...inner];
  });
}

/** A mark is told in one lane and awaited in another, once each; TypeScript may be at one end, not at both. */
function unpairedMarks(lanes: readonly Lane[]): Found[] {
  const seen = new Map<Mark, string[]>();
  return lanes.flatMap((lane) =>
    lane.steps.flatMap((step, index) => {
      if (step.op !== "tell" && step.op !== "await") return [];
      const uses = seen.get(step.args.mark) ?? [];
      seen.set(step.args.mark, [...uses, `${step.op} ${lane.lane}`]);
      const clash = uses.some((use) => use.startsWith(`${step.op} `) || use.endsWith(` ${lane.lane}`));
      return clash
        ? [{ lane: lane.lane, step: index + 1, message: `mark ${step.args.mark.mark} has that end already` }]
        : [];
    }),
  );
}

/** A lane joins a cgroup by writing to one of these files of it (cgroups(7)). */
const joiningFiles: readonly string[] = ["tasks", "cgroup.procs"];

/** cgroup_namespaces(7): the namespace takes the cgroups of the moment as its roots. */
function cgroupNamespaceTooEarly(lanes: readonly Lane[]): Found[] {
  return lanes.flatMap((lane) => {
    const lastJoin = lane.steps.findLastIndex(
      (step) => step.op === "write" && joiningFiles.includes(lastName(step.args.path)),
    );
    return lane.steps.flatMap((step, index) => {
      if (step.op !== "unshare" || !step.args.namespaces.includes("cgroup") || index > lastJoin) return [];
      return [
        {
          lane: lane.lane,
          step: index + 1,
          message: "unshare: the cgroup namespace takes the current cgroup as its root",
        },
      ];
    });
  });
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function unclonedLanes(lanes: readonly Lane[]): Found[] {
  return lanes.flatMap((lane) => {
    const cloned = new Set<Lane>();
    return lane.steps.flatMap((step, index) => {
      if (step.op === "clone") cloned.add(step.args.lane);
      if (step.op !== "executed" && step.op !== "finished") return [];
      if (cloned.has(step.args.lane)) return [];
      return [
        { lane: lane.lane, step: index + 1, message: `${step.op}: lane ${step.args.lane.lane} is not a child yet` },
      ];
    });
  });
}

/** Between the filter and the exec there may be nothing that the filter could forbid. */
function seccompNotLast(lanes: readonly Lane[]): Found[] {
  return lanes.flatMap((lane) => {
    const at = lane.steps.findIndex((step) => step.op === "seccomp");
    if (at < 0) return [];
    const noNewPrivileges = lane.steps.some((step) => step.op === "noNewPrivileges");
    const allowed: readonly OperationName[] = noNewPrivileges
      ? // A lane that receives has a filter made for what it will be sent.
        ["exec", "seccomp", "receive"]
      : [
          "exec",
          "seccomp",
          "groups",
          "ids",
          "capabilities",
          "ambientSet",
          "keepCapabilities",
          "chdir",
          "outlive",
          "label",
        ];
    return lane.steps.slice(at + 1).flatMap((step, offset) =>
      allowed.includes(step.op)
        ? []
        : [
            {
              lane: lane.lane,
              step: at + offset + 2,
              message: `${step.op} comes after the filter, which may forbid it`,
            },
          ],
    );
  });
}

function stepsAfterExec(lanes: readonly Lane[]): Found[] {
  return lanes.flatMap((lane) => {
    const at = lane.steps.findIndex((step) => step.op === "exec");
    if (at < 0 || at === lane.steps.length - 1) return [];
    return [{ lane: lane.lane, step: at + 2, message: "a step after exec is never reached" }];
  });
}

function pivotInHost(lanes: readonly Lane[]): Found[] {
  const clonesMounts = new Set<Lane>();
  for (const lane of lanes) {
    for (const step of lane.steps)
      if (step.op === "clone" && step.args.namespaces.includes("mount")) clonesMounts.add(step.args.lane);
  }
  return lanes.flatMap((lane) => {
    const at = lane.steps.findIndex((step) => step.op === "pivot");
    if (at < 0 || clonesMounts.has(lane)) return [];
    const unshared = lane.steps
      .slice(0, at)
      .some((step) => step.op === "unshare" && step.args.namespaces.includes("mount"));
    return unshared ? [] : [{ lane: lane.lane, step: at + 1, message: "pivot without a mount namespace of its own" }];
  });
}

/** user_namespaces(7): without maps every id is the overflow id, and setting another fails with EINVAL. */
function idsBeforeMaps(lanes: readonly Lane[]): Found[] {
  const mapless = new Set(
    lanes.flatMap((lane) => lane.steps.flatMap((step) => (clonesUser(step) ? [step.args.lane] : []))),
  );
  return lanes.flatMap((lane) => {
    const from = mapless.has(lane)
      ? 0
      : lane.steps.findIndex((step) => step.op === "unshare" && step.args.namespaces.includes("user"));
    if (from < 0) return [];
    const mapped = lane.steps.findIndex((step, index) => index >= from && (step.op === "await" || writesMap(step)));
    return lane.steps.flatMap((step, index) =>
      (step.op === "ids" || step.op === "groups") && index >= from && (mapped < 0 || index < mapped)
        ? [
            {
              lane: lane.lane,
              step: index + 1,
              message: `${step.op}: no id maps were written or waited for in the new user namespace`,
            },
          ]
        : [],
    );
  });
}

function clonesUser(step: Step): step is StepOf<"clone"> {
  return step.op === "clone" && step.args.namespaces.includes("user");
}

function writesMap(step: Step): boolean {
  return step.op === "write" && ["uid_map", "gid_map"].includes(lastName(step.args.path));
}

/** What TypeScript tells and streams comes in order over one socket: a second reader would take what is another's. */
function secondReader(lanes: readonly Lane[]): Found[] {
  const toldByLanes = new Set(
    lanes.flatMap((lane) => lane.steps.flatMap((step) => (step.op === "tell" ? [step.args.mark] : []))),
  );
  const reads = (step: Step): boolean =>
    step.op === "receive" || (step.op === "await" && !toldByLanes.has(step.args.mark));
  const readers = lanes.filter((lane) => lane.steps.some(reads));
  return readers.slice(1).map((lane) => ({
    lane: lane.lane,
    step: lane.steps.findIndex(reads) + 1,
    message: `lane ${readers[0]?.lane} reads what TypeScript tells and streams already`,
  }));
}
