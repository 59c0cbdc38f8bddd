import { argumentsOf } from "./arguments-of.ts";
import { lanesOf } from "./lanes-of.ts";
import type { Handover, Lane, Mark, Plan, Slot, Step } from "./step.ts";

/** One step, as people and programs read it. */
export interface ExplainedStep {
  /** Its number within the lane, from 1. */
  readonly number: number;
  readonly op: Step["op"];
  readonly by: string;
  readonly why: string;
  /** The arguments: slots, marks and lanes by name, bytes by length. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly ok?: readonly string[];
}

/** One lane, as people and programs read it. */
export interface ExplainedLane {
  readonly lane: string;
  readonly steps: readonly ExplainedStep[];
}

/** How much a reader may see. */
export interface ExplainOptions {
  /** Show the values of environment variables and the contents of files, which may be secrets. By default only names and lengths. */
  readonly showValues?: boolean;
}

/**
 * A plan as plain data, fit for JSON.
 *
 * @example
 * JSON.stringify(explainData(plan)); // [{"lane":"host","steps":[{"number":1,"op":"session","by":"demo",…}]}]
 */
export function explainData(plan: Plan, options: ExplainOptions = {}): readonly ExplainedLane[] {
  return lanesOf(plan).map((lane) => ({
    lane: lane.lane,
    steps: lane.steps.map((step, index) => explainStep(step, index, options.showValues === true)),
  }));
}

/**
 * A plan as text: lanes with numbered steps, each with the package that contributed it. Every character that could act on a
 * terminal is escaped.
 *
 * @example
 * explain({ title: "demo", lane: lane("host", [step("session", {}, "leave the terminal")]) });
 * // lane host
 * //    1 demo  leave the terminal  [session]
 */
export function explain(plan: Plan, options: ExplainOptions = {}): string {
  const lanes = explainData(plan, options);
  const widest = lanes.reduce(
    (width, lane) => lane.steps.reduce((most, step) => Math.max(most, step.by.length), width),
    0,
  );
  return lanes
    .map((lane) => [`lane ${printable(lane.lane)}`, ...lane.steps.map((step) => line(step, widest))].join("\n"))
    .join("\n\n");
}

function line(step: ExplainedStep, widest: number): string {
  const fine = step.ok ? `  (${step.ok.join(", ")} is fine)` : "";
  const head = `${String(step.number).padStart(4)} ${step.by.padEnd(widest)}  ${printable(step.why)}`;
  return `${head}  [${step.op}${argumentText(step)}]${fine}`;
}

function argumentText(step: ExplainedStep): string {
  const shown = Object.entries(step.args).filter(
    ([, value]) => !(Array.isArray(value) && value.length === 0) && value !== "",
  );
  return shown.map(([name, value]) => ` ${name}=${shorten(text(value))}`).join("");
}

function text(value: unknown): string {
  return Array.isArray(value) ? value.map(word).join(",") : printable(String(value));
}

/** An item of a list: quoted where it would run into its neighbours. */
function word(value: unknown): string {
  const plain = String(value);
  return printable(plain === "" || /[\s",]/.test(plain) ? JSON.stringify(plain) : plain);
}

/** Without what a terminal would act on: control characters, and those that change the direction of writing. */
function printable(value: string): string {
  return value.replace(
    /[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function shorten(value: string): string {
  return value.length > 100 ? `${value.slice(0, 97)}...` : value;
}

function explainStep(step: Step, index: number, showValues: boolean): ExplainedStep {
  const given = step.args as Readonly<Record<string, unknown>>;
  const args = Object.fromEntries(
    argumentsOf(step.op)
      .filter(([name]) => given[name] !== undefined)
      .map(([name, kind]) => [name, argument({ op: step.op, name, kind }, given[name], showValues)]),
  );
  return { number: index + 1, op: step.op, by: step.by, why: step.why, args, ...(step.ok ? { ok: step.ok } : {}) };
}

interface Place {
  readonly op: Step["op"];
  readonly name: string;
  readonly kind: string;
}

function argument({ op, name, kind }: Place, value: unknown, showValues: boolean): unknown {
  switch (kind) {
    case "slot":
    case "out":
      return `$${(value as Slot).slot}`;
    case "mark":
      return (value as Mark).mark;
    case "lane":
      return (value as Lane).lane;
    case "u64":
      return typeof value === "bigint" ? `0x${BigInt.asUintN(64, value).toString(16)}` : value;
    case "u32":
      return name === "mode" || name === "mask" ? `0${(value as number).toString(8)}` : value;
    case "bytes":
      return bytesText(value as Uint8Array, op === "write" || showValues);
    case "descriptors":
      return (value as readonly Handover[]).map((each) => `${each.number}=$${each.slot.slot}`);
    case "strings":
      return name === "env" && !showValues ? (value as readonly string[]).map(variableName) : value;
    default:
      return value;
  }
}

function variableName(assignment: string): string {
  return assignment.split("=", 1)[0] as string;
}

/** Short printable bytes as text where that is wanted, anything else by its length: programs and messages are not for reading. */
function bytesText(bytes: Uint8Array, wanted: boolean): string {
  const decoded = wanted && bytes.length <= 64 ? new TextDecoder().decode(bytes) : undefined;
  if (decoded !== undefined && /^[\x20-\x7e\n]*$/.test(decoded)) return JSON.stringify(decoded);
  return `<${bytes.length} bytes>`;
}
