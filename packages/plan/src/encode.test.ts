import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encode, encodeStream, endOfStream, none } from "./encode.ts";
import { type Errno, errnos } from "./errnos.ts";
import { type FlagSetName, flagSets } from "./flags.ts";
import { limits } from "./limits.ts";
import { type OperationName, operations } from "./operations.ts";
import { lane, mark, type Plan, type Slot, type Step, slot, stepper } from "./step.ts";
import { decodePlan, decodeStream } from "./testing/decode.ts";

const step = stepper("test");
const planOf = (...steps: Step[]): Plan => ({ title: "test", lane: lane("host", steps) });
/** Arguments that the types forbid. */
const loose = step as unknown as (
  op: string,
  args: Record<string, unknown>,
  why: string,
  options?: { ok: string[] },
) => Step;
const refusal = (...steps: Step[]): string => {
  try {
    encode(planOf(...steps));
  } catch (error) {
    return (error as Error).message;
  }
  return "encoded";
};

describe("encode()", () => {
  test("encode() lays out a tiny plan byte by byte", () => {
    const at = slot("root");
    const plan = planOf(
      step("open", { path: "/a", flags: ["directory", "pathOnly"], out: at }, "open"),
      step("mkdir", { at, path: "b", mode: 0o755 }, "make", { ok: ["EEXIST"] }),
    );
    const golden = [
      "474c5950 0100 0100 0100 0000 3d000000", // GLYP, version, lanes, slots, marks, length of what follows
      "02000000 35000000", // a lane of two steps in 53 bytes
      "1400 0000 13000000", // open (20), nothing is fine, 19 bytes of arguments
      "ffff 02000000 2f6100 c0000000 00000000 0000", // no slot, "/a" and its NUL, directory | pathOnly, mode, slot 0
      "1e00 0100 12000000", // mkdir (30), one errno is fine, 18 bytes
      "1100 0000 01000000 6200 ed010000 00000000", // EEXIST, slot 0, "b" and its NUL, mode, no flags
    ];
    const { bytes } = encode(plan);
    expect(Buffer.from(bytes).toString("hex")).toBe(golden.join("").replaceAll(" ", ""));
  });

  test("encode() decodes to what was given, for every operation and every kind of argument", () => {
    fc.assert(
      fc.property(fc.array(anyStep(), { maxLength: 12 }), (steps) => {
        const { bytes, numbering } = encode(planOf(...steps));
        const decoded = decodePlan(bytes);
        expect(decoded).toMatchObject({ magic: 0x50594c47, version: 1, marks: [] });
        expect(decoded.lanes).toHaveLength(1);
        expect(decoded.lanes[0]).toEqual(steps.map((each) => expected(each, numbering.slots)));
      }),
      { numRuns: 300 },
    );
  });

  test("encode() numbers slots by identity, in the order of their first use, also across lanes", () => {
    const [a, b, sameName] = [slot("a"), slot("b"), slot("a")];
    const child = lane("child", [step("close", { slot: b }, "x"), step("close", { slot: sameName }, "x")]);
    const { numbering, bytes } = encode(
      planOf(
        step("pipe", { read: a, write: b }, "x"),
        step("clone", { lane: child, namespaces: [] }, "x"),
        step("close", { slot: a }, "x"),
      ),
    );
    expect([numbering.slots.get(a), numbering.slots.get(b), numbering.slots.get(sameName)]).toEqual([0, 1, 2]);
    expect(decodePlan(bytes)).toMatchObject({ slots: 3 });
    expect(
      decodePlan(bytes)
        .lanes.flat()
        .filter(({ op }) => op === "close")
        .map(({ args }) => args["slot"]),
    ).toEqual([0, 1, 2]);
  });

  test("encode() numbers lanes depth first and marks with the lanes at their ends", () => {
    const [between, fromUs, toUs] = [mark("between"), mark("from us"), mark("to us")];
    const inner = lane("inner", [step("tell", { mark: between }, "x")]);
    const first = lane("first", [
      step("clone", { lane: inner, namespaces: ["pid", "user"] }, "x"),
      step("await", { mark: fromUs }, "x"),
    ]);
    const second = lane("second", [step("await", { mark: between }, "x"), step("tell", { mark: toUs }, "x")]);
    const { bytes, numbering } = encode(
      planOf(step("clone", { lane: first, namespaces: [] }, "x"), step("clone", { lane: second, namespaces: [] }, "x")),
    );
    expect(numbering.lanes.map((each) => each.lane)).toEqual(["host", "first", "inner", "second"]);
    const decoded = decodePlan(bytes);
    expect(decoded.marks).toEqual([
      { teller: 2, awaiter: 3 },
      { teller: none, awaiter: 1 },
      { teller: 3, awaiter: none },
    ]);
    expect(decoded.lanes[0]?.map(({ args }) => args["lane"])).toEqual([1, 3]);
    expect(decoded.lanes[1]?.[0]?.args).toEqual({ lane: 2, namespaces: 0b101, cgroup: none, pidfd: none });
  });

  test("encode() adds slots for streamed steps only where a lane receives", () => {
    const out = slot("a");
    const open = step("open", { path: "/", flags: [], out }, "x");
    expect(decodePlan(encode(planOf(open)).bytes).slots).toBe(1);
    expect(decodePlan(encode(planOf(open, step("receive", {}, "x"))).bytes).slots).toBe(1 + limits.streamSlots);
  });

  test("encode() takes the same lane value again in another plan", () => {
    const child = lane("child", []);
    const plan = planOf(step("clone", { lane: child, namespaces: [] }, "x"));
    expect(encode(plan).bytes).toEqual(encode(plan).bytes);
  });

  test.for<[string, Step, RegExp]>([
    ["a missing argument", loose("mkdir", { path: "/a" }, "x"), /mkdir: argument mode is missing/],
    ["an unknown operation", loose("fly", {}, "x"), /unknown operation fly/],
    [
      "an unknown flag",
      loose("open", { path: "/a", flags: ["sideways"], out: slot("a") }, "x"),
      /unknown flag sideways of open/,
    ],
    ["an unknown errno", loose("session", {}, "x", { ok: ["EWHAT"] }), /session: unknown errno EWHAT/],
    ["a NUL in a path", step("mkdir", { path: "/a\0b", mode: 0 }, "x"), /mkdir\.path: .* has a NUL/],
    [
      "a NUL in a list",
      step("exec", { candidates: ["/a"], argv: ["a\0"], env: [], descriptors: [] }, "x"),
      /exec\.argv: .* has a NUL/,
    ],
    ["half a surrogate pair", step("hostname", { name: "a\ud800" }, "x"), /hostname\.name: .* half a surrogate pair/],
    [
      "a relative path to no slot",
      step("mkdir", { path: "a", mode: 0 }, "x"),
      /mkdir\.path: "a" is relative, to no slot/,
    ],
    ["an empty path to no slot", step("mountAttributes", { path: "" }, "x"), /is relative, to no slot/],
    ["a negative u32", step("umask", { mask: -1 }, "x"), /umask\.mask: -1 is not a 32-bit number/],
    ["a u32 of 33 bits", step("umask", { mask: 2 ** 32 }, "x"), /umask\.mask: 4294967296 is not a 32-bit number/],
    ["half a u32", step("umask", { mask: 0.5 }, "x"), /0\.5 is not a 32-bit number/],
    ["a u64 of 65 bits", step("boundingSet", { mask: 1n << 64n }, "x"), /is not a 64-bit number/],
    ["a u64 that a number cannot hold", step("boundingSet", { mask: 2 ** 60 }, "x"), /is not a 64-bit number/],
    ["a group of 33 bits", step("groups", { gids: [1, 2 ** 32] }, "x"), /groups\.gids: 4294967296/],
    [
      "a descriptor number over the limit",
      exec([{ slot: slot("a"), number: 100 }]),
      /exec\.descriptors: 100 is no descriptor number below 100/,
    ],
    ["a negative descriptor number", exec([{ slot: slot("a"), number: -1 }]), /-1 is no descriptor number/],
    [
      "a lane of another plan",
      step("executed", { lane: lane("stranger", []) }, "x"),
      /executed\.lane: lane stranger is not part of the plan/,
    ],
  ])("encode() refuses %s", ([, given, message]) => {
    expect(() => encode(planOf(given))).toThrow(
      expect.objectContaining({ kind: "invalid", code: "plan.invalid", message: expect.stringMatching(message) }),
    );
  });

  test("encode() refuses a lane that is cloned twice", () => {
    const child = lane("child", []);
    const clone = step("clone", { lane: child, namespaces: [] }, "x");
    expect(refusal(clone, clone)).toMatch(/lane child is cloned twice/);
  });

  test("encode() keeps the limits: slots, lanes, marks and bytes", () => {
    const opens = (count: number): Step[] =>
      Array.from({ length: count }, (_, index) => step("open", { path: "/", flags: [], out: slot(`s${index}`) }, "x"));
    expect(refusal(...opens(limits.slots))).toBe("encoded");
    expect(refusal(...opens(limits.slots + 1))).toMatch(/slot s4096: more than 4096 slots/);

    const clones = (count: number): Step[] =>
      Array.from({ length: count }, (_, index) => step("clone", { lane: lane(`l${index}`, []), namespaces: [] }, "x"));
    expect(refusal(...clones(limits.lanes - 1))).toBe("encoded");
    expect(refusal(...clones(limits.lanes))).toMatch(/plan test has 17 lanes, over 16/);

    const tells = (count: number): Step[] =>
      Array.from({ length: count }, (_, index) => step("tell", { mark: mark(`m${index}`) }, "x"));
    expect(refusal(...tells(limits.marks))).toBe("encoded");
    expect(refusal(...tells(limits.marks + 1))).toMatch(/plan test has 65 marks, over 64/);

    const write = (sizeBytes: number): Step => step("write", { path: "/a", bytes: new Uint8Array(sizeBytes) }, "x");
    const around = encode(planOf(write(0))).bytes.length - 16;
    expect(refusal(write(limits.planBytes - around))).toBe("encoded");
    expect(refusal(write(limits.planBytes - around + 1))).toMatch(/bytes, over 16777216/);
  });

  test("encode() writes the exact bytes of a name that is not UTF-8", () => {
    const encoded = Buffer.from(encode(planOf(step("mkdir", { path: "/a\udce9/\u00e9\udcff", mode: 0 }, "x"))).bytes);
    const path = Buffer.from([0x2f, 0x61, 0xe9, 0x2f, 0xc3, 0xa9, 0xff]);
    expect(encoded.includes(Buffer.concat([Uint8Array.of(path.length, 0, 0, 0), path, Uint8Array.of(0)]))).toBe(true);
  });

  test("encode() writes a time before 1970 as two's complement and the largest u64 as it is", () => {
    const at = slot("a");
    const open = step("open", { path: "/", flags: [], out: at }, "x");
    const { bytes } = encode(
      planOf(
        open,
        step("attributes", { at, path: "b", set: ["times"], seconds: -5n }, "x"),
        step("resourceLimit", { resource: 7, soft: (1n << 64n) - 1n, hard: 1024 }, "x"),
      ),
    );
    const [, times, limit] = decodePlan(bytes).lanes[0] ?? [];
    expect(times?.args["seconds"]).toBe((1n << 64n) - 5n);
    expect(limit?.args).toEqual({ resource: 7, soft: (1n << 64n) - 1n, hard: 1024n });
  });
});

describe("encodeStream()", () => {
  const at = slot("root");
  const receiving = (): Plan => planOf(step("open", { path: "/", flags: [], out: at }, "x"), step("receive", {}, "x"));

  test("encodeStream() goes on with the plan's numbering and remembers slots that are new", () => {
    const { numbering } = encode(receiving());
    const file = slot("file");
    const steps = [
      step("create", { at, path: "a", mode: 0o644, out: file }, "x"),
      step("data", { file, bytes: Buffer.from("hi") }, "x"),
    ];
    const again = [step("close", { slot: file }, "x")];
    expect(decodeStream(Buffer.concat(encodeStream(steps, numbering)))).toMatchObject([
      { args: { at: 0, out: 1 } },
      { args: { file: 1 } },
    ]);
    expect(decodeStream(Buffer.concat(encodeStream(again, numbering)))).toMatchObject([{ args: { slot: 1 } }]);
  });

  test("encodeStream() refers to large content instead of copying it, and gives the same bytes", () => {
    const { numbering } = encode(receiving());
    const file = slot("file");
    const content = [4095, 4096, 200_000].map((length) => new Uint8Array(length).fill(7));
    const steps = content.flatMap((bytes) => [step("data", { file, bytes }, "x"), step("umask", { mask: 1 }, "x")]);
    const pieces = encodeStream(steps, numbering);
    expect(pieces).toContain(content[1]);
    expect(pieces).toContain(content[2]);
    expect(pieces).not.toContain(content[0]);
    const decoded = decodeStream(Buffer.concat(pieces));
    expect(decoded.map(({ op }) => op)).toEqual(["data", "umask", "data", "umask", "data", "umask"]);
    const lengths = decoded.flatMap(({ args }) => (args["bytes"] ? [(args["bytes"] as Uint8Array).length] : []));
    expect(lengths).toEqual([4095, 4096, 200_000]);
  });

  test("encodeStream() refuses more new slots than the plan has room for", () => {
    const { numbering } = encode(receiving());
    const open = (index: number): Step => step("create", { at, path: "a", mode: 0, out: slot(`f${index}`) }, "x");
    for (let index = 0; index < limits.streamSlots; index++) encodeStream([open(index)], numbering);
    expect(() => encodeStream([open(99)], numbering)).toThrow(/slot f99: more than 17 slots/);
  });

  test("encodeStream() refuses a step over its limit, and steps that make lanes or streams", () => {
    const { numbering } = encode(receiving());
    const data = (sizeBytes: number): Step => step("data", { file: at, bytes: new Uint8Array(sizeBytes) }, "x");
    expect(Buffer.concat(encodeStream([data(limits.stepBytes - 14)], numbering))).toHaveLength(limits.stepBytes);
    expect(() => encodeStream([data(limits.stepBytes - 13)], numbering)).toThrow(
      /data: a streamed step of 1048577 bytes, over 1048576/,
    );
    expect(() => encodeStream([step("receive", {}, "x")], numbering)).toThrow(/receive: cannot be streamed/);
    expect(() => encodeStream([step("clone", { lane: lane("l", []), namespaces: [] }, "x")], numbering)).toThrow(
      /clone: cannot be streamed/,
    );
  });

  test("encodeStream() refuses a mark that the plan does not have", () => {
    const { numbering } = encode(receiving());
    expect(() => encodeStream([step("tell", { mark: mark("new") }, "x")], numbering)).toThrow(
      /tell\.mark: mark new is not part of the plan/,
    );
  });

  test("endOfStream is a step without operation and length", () => {
    expect([...endOfStream]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });
});

function exec(descriptors: readonly { slot: Slot; number: number }[]): Step {
  return step("exec", { candidates: ["/a"], argv: ["a"], env: [], descriptors }, "x");
}

const pool = Array.from({ length: 6 }, (_, index) => slot(`s${index}`));

/** Steps of all operations that need no second lane. */
function anyStep(): fc.Arbitrary<Step> {
  const ops = Object.entries(operations).filter(
    ([, { arguments: kinds }]) => !Object.values<string>(kinds).some((kind) => /^(mark|lane)/.test(kind)),
  );
  return fc.constantFrom(...ops.map(([op]) => op as OperationName)).chain((op) => {
    const kinds = Object.entries<string>(operations[op].arguments);
    const args = fc.record(Object.fromEntries(kinds.map(([name, kind]) => [name, anyArgument(kind)])));
    const ok = fc.subarray(Object.keys(errnos) as Errno[], { maxLength: 4 });
    return fc.tuple(args, ok).map(([given, fine]) => ({
      op,
      by: "test",
      why: "x",
      ok: fine,
      args: "path" in given && given["at"] === undefined ? { ...given, path: `/${given["path"]}` } : given,
    })) as fc.Arbitrary<unknown> as fc.Arbitrary<Step>;
  });
}

function anyArgument(kind: string): fc.Arbitrary<unknown> {
  if (kind.endsWith("?")) return fc.option(anyArgument(kind.slice(0, -1)), { nil: undefined });
  if (kind.startsWith("flags:")) return fc.subarray([...flagSets[kind.slice(6) as FlagSetName]] as string[]);
  const text = fc
    .string({ unit: "grapheme", maxLength: 20 })
    .filter((value) => !value.includes("\0") && value.isWellFormed());
  switch (kind) {
    case "slot":
    case "out":
      return fc.constantFrom(...pool);
    case "u32":
      return fc.nat({ max: 0xffffffff });
    case "u64":
      return fc.oneof(fc.bigInt({ min: -(1n << 63n), max: (1n << 64n) - 1n }), fc.maxSafeInteger());
    case "bytes":
      return fc.uint8Array({ maxLength: 40 });
    case "strings":
      return fc.array(text, { maxLength: 5 });
    case "numbers":
      return fc.array(fc.nat({ max: 0xffffffff }), { maxLength: 5 });
    case "descriptors":
      return fc.array(fc.record({ slot: fc.constantFrom(...pool), number: fc.nat({ max: limits.descriptors - 1 }) }), {
        maxLength: 5,
      });
    default:
      return text;
  }
}

/** What the decoder should say of a step. */
function expected(given: Step, slots: ReadonlyMap<Slot, number>): unknown {
  const value = (kind: string, argument: unknown): unknown => {
    if (kind === "slot" || kind === "out") return argument === undefined ? none : slots.get(argument as Slot);
    if (kind === "u32") return argument ?? 0;
    if (kind === "u64") return BigInt.asUintN(64, BigInt((argument as bigint | undefined) ?? 0));
    if (kind === "descriptors")
      return (argument as { slot: Slot; number: number }[]).map((each) => ({ ...each, slot: slots.get(each.slot) }));
    if (!kind.startsWith("flags:")) return argument;
    const names = flagSets[kind.slice(6) as FlagSetName] as readonly string[];
    return ((argument as string[] | undefined) ?? []).reduce((bits, name) => bits + 2 ** names.indexOf(name), 0);
  };
  const kinds = Object.entries<string>(operations[given.op].arguments);
  const args = given.args as Readonly<Record<string, unknown>>;
  return {
    op: given.op,
    ok: given.ok?.map((name) => Object.entries(errnos).find(([, number]) => number === errnos[name])?.[0]),
    args: Object.fromEntries(kinds.map(([name, kind]) => [name, value(kind.replace("?", ""), args[name])])),
  };
}
