import { galleyError, isName } from "@galley/spec";
import { type Errno, errnos } from "./errnos.ts";
import { type FlagSetName, flagBits } from "./flags.ts";
import { limits } from "./limits.ts";
import { operations } from "./operations.ts";
import type { Handover, Lane, Mark, Plan, Slot, Step, StepOf } from "./step.ts";
import { createWriter, type Writer } from "./writer.ts";

/** "GLYP", the first field of an encoded plan. */
export const magic = 0x50594c47;
/** The version of the encoding; C refuses others. */
export const version = 1;
/** The number that says "no slot", and for marks "the TypeScript side". */
export const none = 0xffff;

/** The numbers that one plan's objects got. */
export interface Numbering {
  readonly lanes: readonly Lane[];
  readonly slots: Map<Slot, number>;
  readonly marks: Map<Mark, MarkEnds>;
  /** How many slots there may be: those of the plan and those that streamed steps may add; `limits.slots` until that is known. */
  mostSlots?: number;
}

/** A mark's number and the lanes at its two ends; `none` is the TypeScript side. */
export interface MarkEnds {
  readonly number: number;
  teller: number;
  awaiter: number;
}

/** An encoded plan, with what is needed to make sense of reports about it. */
export interface Encoded {
  readonly bytes: Uint8Array;
  readonly numbering: Numbering;
}

/**
 * The bytes of a plan, as the program `stage` reads them. Layout (little-endian): magic u32, version u16, lanes u16,
 * slots u16, marks u16, body length u32; per mark teller u16 and awaiter u16; per lane steps u32, length u32, steps.
 *
 * A lane's and a step's length come before it, so that C can pass over what it does not read yet.
 *
 * @throws kind `invalid` when an argument does not fit its kind, a path without `at` is relative, or the plan exceeds a limit
 *
 * @example
 * const { bytes, numbering } = encode({ title: "demo", lane: lane("host", [step("session", {}, "leave the terminal")]) });
 */
export function encode(plan: Plan): Encoded {
  const numbering = number(plan);
  checkCounts(plan, numbering);
  const writer = createWriter();
  writer.u32(magic);
  writer.u16(version);
  writer.u16(numbering.lanes.length);
  const slotsAt = writer.length;
  writer.u16(0); // known at the end
  writer.u16(numbering.marks.size);
  const lengthAt = writer.length;
  writer.u32(0);
  for (const ends of numbering.marks.values()) {
    writer.u16(ends.teller);
    writer.u16(ends.awaiter);
  }
  for (const lane of numbering.lanes) writeLane(writer, lane, numbering);
  const mostSlots = numbering.slots.size + (receives(numbering.lanes) ? limits.streamSlots : 0);
  numbering.mostSlots = mostSlots;
  writer.patch16(slotsAt, mostSlots);
  const bodyBytes = writer.length - lengthAt - 4;
  writer.patch32(lengthAt, bodyBytes);
  if (bodyBytes > limits.planBytes)
    throw invalid(`plan ${plan.title} has ${bodyBytes} bytes, over ${limits.planBytes}`);
  return { bytes: writer.bytes(), numbering };
}

/**
 * The bytes of steps for a lane that is in `receive`, in pieces to be written one after the other: the content of files is not
 * copied. The numbering remembers slots that are new.
 *
 * @throws kind `invalid` as `encode`, for `clone` and `receive`, and for a step or a number of slots over its limit
 *
 * @example
 * const { numbering } = encode(plan);
 * const steps = [step("mkdir", { at: root, path: "a", mode: 0o755 }, "make a")];
 * for (const piece of encodeStream(steps, numbering)) socket.write(piece);
 * socket.write(endOfStream);
 */
export function encodeStream(steps: readonly Step[], numbering: Numbering): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  const writer = createWriter(streamWriterBytes);
  let from = 0;
  for (const step of steps) {
    if (step.op === "clone" || step.op === "receive") throw invalid(`${step.op}: cannot be streamed`);
    const at = writer.length;
    const content = isLarge(step) ? step.args.bytes : undefined;
    if (isLarge(step)) writeDataHead(writer, step, numbering);
    else writeStep(writer, step, numbering);
    const sizeBytes = writer.length - at + (content?.length ?? 0);
    if (sizeBytes > limits.stepBytes)
      throw invalid(`${step.op}: a streamed step of ${sizeBytes} bytes, over ${limits.stepBytes}`);
    if (!content) continue;
    pieces.push(writer.bytes().subarray(from), content);
    from = writer.length;
  }
  if (writer.length > from) pieces.push(writer.bytes().subarray(from));
  return pieces;
}

/** What most batches need. */
const streamWriterBytes = 16 * 1024;
/** Content of fewer bytes is copied: a piece of its own would cost more. */
const referredBytes = 4 * 1024;

function isLarge(step: Step): step is StepOf<"data"> {
  return step.op === "data" && step.ok === undefined && step.args.bytes.length >= referredBytes;
}

/** A data step but for its content. Larger steps are refused later, so that the length is in range or of no account. */
function writeDataHead(writer: Writer, { args }: StepOf<"data">, numbering: Numbering): void {
  writer.u16(operations.data.number);
  writer.u16(0);
  writer.u32(checkedU32(2 + 4 + args.bytes.length, "data.bytes"));
  writer.u16(slotNumber(args.file, numbering));
  writer.u32(args.bytes.length);
}

function receives(lanes: readonly Lane[]): boolean {
  return lanes.some((lane) => lane.steps.some((step) => step.op === "receive"));
}

function checkCounts(plan: Plan, { lanes, marks }: Numbering): void {
  if (lanes.length > limits.lanes) throw invalid(`plan ${plan.title} has ${lanes.length} lanes, over ${limits.lanes}`);
  if (marks.size > limits.marks) throw invalid(`plan ${plan.title} has ${marks.size} marks, over ${limits.marks}`);
}

/** The bytes that end `receive`. */
export const endOfStream: Uint8Array = new Uint8Array(8);

function number(plan: Plan): Numbering {
  const lanes: Lane[] = [];
  const marks = new Map<Mark, MarkEnds>();
  const visit = (lane: Lane): void => {
    if (lanes.includes(lane)) throw invalid(`lane ${lane.lane} is cloned twice`);
    const me = lanes.push(lane) - 1;
    for (const step of lane.steps) {
      if (step.op === "tell") ends(step.args.mark).teller = me;
      if (step.op === "await") ends(step.args.mark).awaiter = me;
      if (step.op === "clone") visit(step.args.lane);
    }
  };
  const ends = (mark: Mark): MarkEnds => {
    const known = marks.get(mark);
    if (known) return known;
    const made = { number: marks.size, teller: none, awaiter: none };
    marks.set(mark, made);
    return made;
  };
  visit(plan.lane);
  return { lanes, marks, slots: new Map() };
}

function writeLane(writer: Writer, lane: Lane, numbering: Numbering): void {
  writer.u32(lane.steps.length);
  const lengthAt = writer.length;
  writer.u32(0);
  for (const step of lane.steps) writeStep(writer, step, numbering);
  writer.patch32(lengthAt, writer.length - lengthAt - 4);
}

function writeStep(writer: Writer, step: Step, numbering: Numbering): void {
  const operation = operations[step.op];
  if (!operation) throw invalid(`unknown operation ${step.op}`);
  writer.u16(operation.number);
  writer.u16(step.ok?.length ?? 0);
  const lengthAt = writer.length;
  writer.u32(0);
  for (const name of step.ok ?? []) writer.u16(errnoNumber(name, step));
  const given = step.args as Readonly<Record<string, unknown>>;
  for (const [name, kind] of argumentKinds.get(step.op) ?? []) {
    const value = given[name];
    if (value === undefined && !kind.endsWith("?")) throw invalid(`${step.op}: argument ${name} is missing`);
    const place = `${step.op}.${name}`;
    if (kind === "path" && given["at"] === undefined) checkAbsolute(value as string, place);
    writeArgument(writer, kind, value, numbering, place);
  }
  writer.patch32(lengthAt, writer.length - lengthAt - 4);
}

function errnoNumber(name: Errno, step: Step): number {
  const found = errnos[name];
  if (found === undefined) throw invalid(`${step.op}: unknown errno ${name}`);
  return found;
}

function checkAbsolute(path: string, place: string): void {
  if (!path.startsWith("/")) throw invalid(`${place}: ${JSON.stringify(path)} is relative, to no slot`);
}

const argumentKinds = new Map(
  Object.entries(operations).map(([op, operation]) => [op, Object.entries<string>(operation.arguments)] as const),
);

function writeArgument(writer: Writer, kind: string, value: unknown, numbering: Numbering, place: string): void {
  switch (kind) {
    case "slot":
    case "slot?":
    case "out":
    case "out?":
      return writer.u16(value === undefined ? none : slotNumber(value as Slot, numbering));
    case "mark":
      return writer.u16(markNumber(value as Mark, numbering, place));
    case "lane":
      return writer.u16(laneNumber(value as Lane, numbering, place));
    case "u32":
    case "u32?":
      return writer.u32(checkedU32((value as number | undefined) ?? 0, place));
    case "u64":
    case "u64?":
      return writer.u64(checkedU64((value as number | bigint | undefined) ?? 0, place));
    case "string":
    case "path":
      return writer.text(checkedText(value as string, place));
    case "bytes":
      return writeBytes(writer, value as Uint8Array);
    case "strings":
      return writeStrings(writer, value as readonly string[], place);
    case "numbers":
      return writeNumbers(writer, value as readonly number[], place);
    case "descriptors":
      return writeHandovers(writer, value as readonly Handover[], numbering, place);
    default:
      return writer.u32(flagBits(setOf(kind), (value as readonly string[] | undefined) ?? []));
  }
}

function setOf(kind: string): FlagSetName {
  return kind.replace("flags:", "").replace("?", "") as FlagSetName;
}

function slotNumber(slot: Slot, numbering: Numbering): number {
  const known = numbering.slots.get(slot);
  if (known !== undefined) return known;
  const next = numbering.slots.size;
  const most = numbering.mostSlots ?? limits.slots;
  if (next >= most) throw invalid(`slot ${slot.slot}: more than ${most} slots`);
  numbering.slots.set(slot, next);
  return next;
}

function markNumber(mark: Mark, numbering: Numbering, place: string): number {
  const ends = numbering.marks.get(mark);
  if (!ends) throw invalid(`${place}: mark ${mark.mark} is not part of the plan`);
  return ends.number;
}

function laneNumber(lane: Lane, numbering: Numbering, place: string): number {
  const index = numbering.lanes.indexOf(lane);
  if (index < 0) throw invalid(`${place}: lane ${lane.lane} is not part of the plan`);
  return index;
}

function checkedU32(value: number, place: string): number {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff)
    throw invalid(`${place}: ${value} is not a 32-bit number`);
  return value;
}

/** Negative numbers, such as times before 1970, are written as their two's complement. */
function checkedU64(value: number | bigint, place: string): bigint {
  const fits = typeof value === "bigint" ? value >= -(1n << 63n) && value < 1n << 64n : Number.isSafeInteger(value);
  if (!fits) throw invalid(`${place}: ${value} is not a 64-bit number`);
  return BigInt.asUintN(64, BigInt(value));
}

function checkedText(value: string, place: string): string {
  if (value.includes("\0")) throw invalid(`${place}: ${JSON.stringify(value)} has a NUL`);
  if (!isName(value)) throw invalid(`${place}: ${JSON.stringify(value)} has half a surrogate pair`);
  return value;
}

function writeBytes(writer: Writer, bytes: Uint8Array): void {
  writer.u32(bytes.length);
  writer.raw(bytes);
}

function writeStrings(writer: Writer, values: readonly string[], place: string): void {
  writer.u32(values.length);
  for (const value of values) writer.text(checkedText(value, place));
}

function writeNumbers(writer: Writer, values: readonly number[], place: string): void {
  writer.u32(values.length);
  for (const value of values) writer.u32(checkedU32(value, place));
}

function writeHandovers(writer: Writer, handovers: readonly Handover[], numbering: Numbering, place: string): void {
  writer.u32(handovers.length);
  for (const handover of handovers) {
    if (!Number.isInteger(handover.number) || handover.number < 0 || handover.number >= limits.descriptors) {
      throw invalid(`${place}: ${handover.number} is no descriptor number below ${limits.descriptors}`);
    }
    writer.u16(slotNumber(handover.slot, numbering));
    writer.u16(handover.number);
  }
}

function invalid(message: string): Error {
  return galleyError("invalid", "plan.invalid", message);
}
