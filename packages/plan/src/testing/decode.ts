import { errnoName } from "../errnos.ts";
import type { OperationName } from "../operations.ts";
import { operations } from "../operations.ts";

/** A step as the bytes have it: slots, marks and lanes are numbers. */
export interface DecodedStep {
  readonly op: OperationName;
  readonly ok: readonly string[];
  readonly args: Readonly<Record<string, unknown>>;
}

/** A plan as the bytes have it. */
export interface DecodedPlan {
  readonly magic: number;
  readonly version: number;
  readonly slots: number;
  readonly marks: readonly { readonly teller: number; readonly awaiter: number }[];
  readonly lanes: readonly (readonly DecodedStep[])[];
}

/** A second reading of the layout that `encode` documents, written without looking at its code: the tests' reference. */
export function decodePlan(bytes: Uint8Array): DecodedPlan {
  const reader = createReader(bytes);
  const [magic, version, lanes, slots, marks, length] = [
    reader.u32(),
    reader.u16(),
    reader.u16(),
    reader.u16(),
    reader.u16(),
    reader.u32(),
  ];
  if (reader.left() !== length) throw new Error(`body of ${reader.left()} bytes says ${length}`);
  const ends = Array.from({ length: marks }, () => ({ teller: reader.u16(), awaiter: reader.u16() }));
  const decoded = Array.from({ length: lanes }, () => {
    const count = reader.u32();
    const steps = createReader(reader.raw(reader.u32()));
    const list = Array.from({ length: count }, () => decodeStep(steps));
    if (steps.left() > 0) throw new Error("a lane has a tail");
    return list;
  });
  if (reader.left() > 0) throw new Error("the plan has a tail");
  return { magic, version, slots, marks: ends, lanes: decoded };
}

/** The steps of a stream's bytes. */
export function decodeStream(bytes: Uint8Array): readonly DecodedStep[] {
  const reader = createReader(bytes);
  const steps: DecodedStep[] = [];
  while (reader.left() > 0) steps.push(decodeStep(reader));
  return steps;
}

function decodeStep(reader: Reader): DecodedStep {
  const number = reader.u16();
  const okCount = reader.u16();
  const body = createReader(reader.raw(reader.u32()));
  const found = Object.entries(operations).find(([, operation]) => operation.number === number);
  if (!found) throw new Error(`no operation ${number}`);
  const ok = Array.from({ length: okCount }, () => errnoName(body.u16()));
  const kinds = Object.entries<string>(found[1].arguments);
  const args = Object.fromEntries(kinds.map(([name, kind]) => [name, decodeArgument(body, kind.replace("?", ""))]));
  if (body.left() > 0) throw new Error(`${found[0]} has a tail`);
  return { op: found[0] as OperationName, ok, args };
}

function decodeArgument(body: Reader, kind: string): unknown {
  if (["slot", "out", "mark", "lane"].includes(kind)) return body.u16();
  if (kind === "u32" || kind.startsWith("flags:")) return body.u32();
  if (kind === "u64") return body.u64();
  if (kind === "string" || kind === "path") return body.text();
  if (kind === "bytes") return body.raw(body.u32());
  const count = body.u32();
  const items: Readonly<Record<string, () => unknown>> = {
    strings: () => body.text(),
    numbers: () => body.u32(),
    descriptors: () => ({ slot: body.u16(), number: body.u16() }),
  };
  const item = items[kind];
  if (!item) throw new Error(`no kind ${kind}`);
  return Array.from({ length: count }, item);
}

type Reader = ReturnType<typeof createReader>;

function createReader(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const next = (size: number): number => {
    at += size;
    return at - size;
  };
  const raw = (size: number): Uint8Array => {
    if (at + size > bytes.length) throw new Error("truncated");
    return Uint8Array.from(bytes.subarray(next(size), at));
  };
  const u32 = (): number => view.getUint32(next(4), true);
  return {
    u16: (): number => view.getUint16(next(2), true),
    u32,
    u64: (): bigint => view.getBigUint64(next(8), true),
    raw,
    text: (): string => {
      const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw(u32()));
      if (raw(1)[0] !== 0) throw new Error("a text without its NUL");
      return text;
    },
    left: (): number => bytes.length - at,
  };
}
