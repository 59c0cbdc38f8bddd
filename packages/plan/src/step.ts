import type { Errno } from "./errnos.ts";
import type { FlagName, FlagSetName } from "./flags.ts";
import type { OperationName, operations } from "./operations.ts";

/** A numbered place for a descriptor. Its identity is the object; `encode` gives it a number. */
export interface Slot {
  readonly slot: string;
}

/** A meeting point of two lanes, or of a lane and the TypeScript side. Its identity is the object. */
export interface Mark {
  readonly mark: string;
}

/** A process: its steps run in order. Its identity is the object. */
export interface Lane {
  readonly lane: string;
  readonly steps: readonly Step[];
}

/** What one attempt performs: the host lane, and the lanes that hang on its `clone` steps. */
export interface Plan {
  /** What it is for, for people: "run docker.io/library/alpine". */
  readonly title: string;
  readonly lane: Lane;
}

/** A slot and the number its descriptor gets in the executed program. */
export interface Handover {
  readonly slot: Slot;
  readonly number: number;
}

type Value<Kind> = Kind extends "slot" | "out"
  ? Slot
  : Kind extends "mark"
    ? Mark
    : Kind extends "lane"
      ? Lane
      : Kind extends "u32"
        ? number
        : Kind extends "u64"
          ? bigint | number
          : Kind extends "string" | "path"
            ? string
            : Kind extends "bytes"
              ? Uint8Array
              : Kind extends "strings"
                ? readonly string[]
                : Kind extends "numbers"
                  ? readonly number[]
                  : Kind extends "descriptors"
                    ? readonly Handover[]
                    : Kind extends `flags:${infer Set extends FlagSetName}`
                      ? readonly FlagName<Set>[]
                      : never;

type Kinds<Op extends OperationName> = (typeof operations)[Op]["arguments"];

/** The arguments of an operation, inferred from the table. */
export type Arguments<Op extends OperationName> = keyof Kinds<Op> extends never
  ? Readonly<Record<string, never>>
  : Named<Op>;

type Named<Op extends OperationName> = {
  readonly [Name in keyof Kinds<Op> as Kinds<Op>[Name] extends `${string}?` ? never : Name]: Value<Kinds<Op>[Name]>;
} & {
  readonly [Name in keyof Kinds<Op> as Kinds<Op>[Name] extends `${string}?`
    ? Name
    : never]?: Kinds<Op>[Name] extends `${infer Kind}?` ? Value<Kind> | undefined : never;
};

/** What a step carries besides its operation's arguments. */
export interface Provenance {
  /** The package that asked for it. */
  readonly by: string;
  /** What it is for, a verb phrase: "make /dev/pts". */
  readonly why: string;
  /** Errnos that count as fine. Then an out slot stays absent, and later steps that name an absent slot are skipped. */
  readonly ok?: readonly Errno[];
}

/** One step of one operation. */
export type StepOf<Op extends OperationName> = Provenance & { readonly op: Op; readonly args: Arguments<Op> };

/** One step: one system call, or one fixed idiom. */
export type Step = { [Op in OperationName]: StepOf<Op> }[OperationName];

/** Makes a slot. `const root = slot("root")` */
export function slot(name: string): Slot {
  return { slot: name };
}

/** Makes a mark. `const ready = mark("ready")` */
export function mark(name: string): Mark {
  return { mark: name };
}

/** Makes a lane. `lane("init", [...mountSteps, ...identitySteps])` */
export function lane(name: string, steps: readonly Step[]): Lane {
  return { lane: name, steps };
}

/** Makes the steps of one package. */
export type Stepper = <Op extends OperationName>(
  op: Op,
  args: Arguments<Op>,
  why: string,
  options?: { readonly ok?: readonly Errno[] },
) => Step;

/**
 * A maker of steps that name `by` as their contributor.
 *
 * @example
 * const step = stepper("mounts");
 * step("mkdir", { at: root, path: "dev/pts", mode: 0o755 }, "make /dev/pts", { ok: ["EEXIST"] });
 */
export function stepper(by: string): Stepper {
  return (op, args, why, options) =>
    ({ op, args, by, why, ...(options?.ok ? { ok: options.ok } : {}) }) as unknown as Step;
}
