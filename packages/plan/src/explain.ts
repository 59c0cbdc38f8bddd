import { operations } from "./operations.ts";
import type { Lane, Plan, Step } from "./step.ts";

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

/** A plan as plain data, fit for JSON. */
export function explainData(plan: Plan): readonly ExplainedLane[] {
  const lanes: ExplainedLane[] = [];
  const visit = (lane: Lane): void => {
    lanes.push({ lane: lane.lane, steps: lane.steps.map(explainStep) });
    for (const step of lane.steps) if (step.op === "clone") visit(step.args.lane);
  };
  visit(plan.lane);
  return lanes;
}

/**
 * A plan as text: lanes with numbered steps, each with the package that contributed it.
 *
 * @example
 * explain({ title: "demo", lane: lane("host", [step("session", {}, "leave the terminal")]) });
 * // lane host
 * //    1 demo          leave the terminal                       session
 */
export function explain(plan: Plan): string {
  const lanes = explainData(plan);
  const widest = Math.max(...lanes.flatMap((lane) => lane.steps.map((step) => step.by.length)), 0);
  return lanes.map((lane) => [`lane ${lane.lane}`, ...lane.steps.map((step) => line(step, widest))].join("\n")).join("\n\n");
}

function line(step: ExplainedStep, widest: number): string {
  const fine = step.ok ? `  (${step.ok.join(", ")} is fine)` : "";
  return `${String(step.number).padStart(4)} ${step.by.padEnd(widest)}  ${step.why}  [${step.op}${argumentText(step)}]${fine}`;
}

function argumentText(step: ExplainedStep): string {
  const shown = Object.entries(step.args).filter(([, value]) => !(Array.isArray(value) && value.length === 0) && value !== "");
  return shown.map(([name, value]) => ` ${name}=${shorten(text(value))}`).join("");
}

function text(value: unknown): string {
  if (Array.isArray(value)) return value.join(",");
  return String(value);
}

function shorten(value: string): string {
  return value.length > 100 ? `${value.slice(0, 97)}...` : value;
}

function explainStep(step: Step, index: number): ExplainedStep {
  const kinds = operations[step.op].arguments as Readonly<Record<string, string>>;
  const given = step.args as Readonly<Record<string, unknown>>;
  const args = Object.fromEntries(
    Object.entries(kinds)
      .filter(([name]) => given[name] !== undefined)
      .map(([name, kind]) => [name, argument(kind.replace("?", ""), given[name], name)]),
  );
  return { number: index + 1, op: step.op, by: step.by, why: step.why, args, ...(step.ok ? { ok: step.ok } : {}) };
}

function argument(kind: string, value: unknown, name: string): unknown {
  switch (kind) {
    case "slot":
    case "out":
      return `$${(value as { slot: string }).slot}`;
    case "mark":
      return (value as { mark: string }).mark;
    case "lane":
      return (value as { lane: string }).lane;
    case "u64":
      return typeof value === "bigint" ? `0x${BigInt.asUintN(64, value).toString(16)}` : value;
    case "u32":
      return name === "mode" || name === "mask" ? `0${(value as number).toString(8)}` : value;
    case "bytes":
      return bytesText(value as Uint8Array);
    case "descriptors":
      return (value as readonly { slot: { slot: string }; number: number }[]).map((each) => `${each.number}=$${each.slot.slot}`);
    default:
      return value;
  }
}

/** Short printable bytes as text, anything else by its length: programs, messages and file contents are not for reading. */
function bytesText(bytes: Uint8Array): string {
  const decoded = bytes.length <= 64 ? new TextDecoder().decode(bytes) : undefined;
  if (decoded !== undefined && /^[\x20-\x7e\n]*$/.test(decoded)) return JSON.stringify(decoded);
  return `<${bytes.length} bytes>`;
}

