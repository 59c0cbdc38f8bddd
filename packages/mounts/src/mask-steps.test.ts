import { type Slot, type Step, slot } from "@galley/plan";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { maskSteps } from "./mask-steps.ts";
import { readOnlyPathSteps } from "./read-only-path-steps.ts";

const root = slot("root");
type Kind = "file" | "directory" | "missing";

/** What `stage` does with the steps of a mask when the path is of a kind: slots fill or stay absent, absent ones skip. */
function perform(steps: readonly Step[], kind: Kind): string[] {
  const filled = new Map<Slot, string>([[root, "root"]]);
  const masks: string[] = [];
  for (const step of steps) {
    const args = step.args as { at?: Slot; mount?: Slot; out?: Slot; path?: string; flags?: readonly string[] };
    if ([args.at, args.mount].some((needed) => needed && !filled.has(needed))) continue;
    if (args.out) filled.delete(args.out);
    const fail = (errno: string): void => {
      if (!(step.ok as readonly string[] | undefined)?.includes(errno)) throw new Error(`${step.why}: ${errno}`);
    };
    if (step.op === "newFileSystem" && args.out) filled.set(args.out, "directory");
    else if (step.op === "openTree" && args.out) filled.set(args.out, "file");
    else if (step.op === "open" && args.out) {
      if (args.flags?.includes("write")) fail("EISDIR");
      else if (kind === "directory") filled.set(args.out, "target");
      else fail(kind === "file" ? "ENOTDIR" : "ENOENT");
    } else if (step.op === "moveMount" && args.mount) {
      if (kind === "missing") fail("ENOENT");
      else if (filled.get(args.mount) !== kind) fail("EINVAL");
      else masks.push(kind);
    }
  }
  return masks;
}

describe("maskSteps() masks once what is there, whether it was told or not", () => {
  test.each(["file", "directory", "missing"] as const)("a %s", (kind) => {
    const expected = kind === "missing" ? [] : [kind];
    expect(perform(maskSteps(["/proc/x"], { root }), kind)).toEqual(expected);
    expect(perform(maskSteps(["/proc/x"], { root, kindOf: () => kind }), kind)).toEqual(expected);
  });
});

test("maskSteps() fails rather than leave a path open that is not what it was said to be", () => {
  expect(() => perform(maskSteps(["/proc/x"], { root, kindOf: () => "file" }), "directory")).toThrow("EINVAL");
  expect(() => perform(maskSteps(["/proc/x"], { root, kindOf: () => "directory" }), "file")).toThrow("EINVAL");
});

test("maskSteps() needs two steps for what it is told, and none for what is missing", () => {
  const kinds: Record<string, Kind> = { "/proc/kcore": "file", "/sys/firmware": "directory", "/proc/gone": "missing" };
  const nullDevice = { at: slot("/dev"), path: "null" };
  const options = { root, nullDevice, kindOf: (path: string) => kinds[path] };
  expect(maskSteps(Object.keys(kinds), options).map(({ op }) => op)).toEqual([
    "openTree",
    "moveMount",
    "newFileSystem",
    "moveMount",
  ]);
});

test("maskSteps() masks a path once, however it is written", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("/proc/kcore", "/proc//kcore", "/proc/./kcore/", "/x/../proc/kcore"), { minLength: 1 }),
      (paths) => {
        expect(maskSteps(paths, { root })).toHaveLength(7);
      },
    ),
  );
});

test("maskSteps() takes the host's null device, or the one it is given", () => {
  const dev = slot("/dev");
  expect(maskSteps(["/proc/keys"], { root, kindOf: () => "file" })[0]?.args).toMatchObject({ path: "/dev/null" });
  expect(
    maskSteps(["/proc/keys"], { root, kindOf: () => "file", nullDevice: { at: dev, path: "null" } })[0]?.args,
  ).toMatchObject({ at: dev, path: "null" });
});

test("maskSteps() makes the mount of the host's null device read-only, so that its mode cannot be changed from inside", () => {
  const [take, guard] = maskSteps(["/proc/keys"], { root, kindOf: () => "file" });
  const mask = take?.op === "openTree" ? take.args.out : undefined;
  expect(mask).toBeDefined();
  expect(guard).toMatchObject({ op: "mountAttributes", args: { at: mask, path: "", set: ["readOnly"] } });
  expect(guard?.ok).toBeUndefined();
});

test("maskSteps() labels the empty directory", () => {
  expect(
    maskSteps(["/sys/firmware"], { root, kindOf: () => "directory", mountLabel: "a:b:c:s0" })[0]?.args,
  ).toMatchObject({ options: ["source=tmpfs", "ro", "context=a:b:c:s0"], attributes: ["readOnly"] });
});

test("readOnlyPathSteps() binds a path on itself, and skips it when it is missing", () => {
  const steps = readOnlyPathSteps(["/proc/sys", "/proc/sys/"], { root });
  expect(steps).toMatchObject([
    { op: "openTree", args: { at: root, path: "proc/sys", flags: ["recursive"] }, ok: ["ENOENT"] },
    { op: "mountAttributes", args: { path: "", set: ["readOnly"] } },
    { op: "moveMount", args: { at: root, path: "proc/sys" } },
  ]);
  expect(steps[1]?.ok).toBeUndefined();
});
