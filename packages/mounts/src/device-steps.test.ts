import { slot } from "@galley/plan";
import type { DeviceSpec } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { devLinkSteps } from "./dev-link-steps.ts";
import { deviceSteps } from "./device-steps.ts";

const root = slot("root");
const dev = slot("/dev");
const fuse: DeviceSpec = { path: "/dev/fuse", type: "c", major: 10, minor: 229 };

test("deviceSteps() makes the default devices, for everyone to read and write", () => {
  const { before, beneath } = deviceSteps([], { root, dev });
  expect(before).toEqual([]);
  expect(
    beneath.map(
      ({ args }) => "mode" in args && "major" in args && [args.path, args.mode.toString(8), args.major, args.minor],
    ),
  ).toEqual([
    ["null", "20666", 1, 3],
    ["zero", "20666", 1, 5],
    ["full", "20666", 1, 7],
    ["random", "20666", 1, 8],
    ["urandom", "20666", 1, 9],
    ["tty", "20666", 5, 0],
  ]);
});

test("deviceSteps() lets a device of the spec replace the default one, owner included", () => {
  const { beneath } = deviceSteps(
    [{ path: "/dev//null", type: "b", major: 7, minor: 0, fileMode: 0o640, uid: 3, gid: 4 }],
    { root, dev },
  );
  const ours = beneath.filter(({ args }) => "path" in args && args.path === "null");
  expect(ours).toMatchObject([
    { op: "mknod", args: { mode: 0o060640, major: 7, minor: 0 } },
    { op: "attributes", args: { set: ["owner", "mode"], uid: 3, gid: 4, mode: 0o640 } },
  ]);
});

test("deviceSteps() makes parents, and leaves /dev/ptmx to the link", () => {
  const { beneath } = deviceSteps(
    [
      { ...fuse, path: "/dev/net/tun" },
      { ...fuse, path: "/dev/net/x" },
      { ...fuse, path: "/dev/ptmx" },
    ],
    { root, dev },
  );
  expect(beneath.slice(6).map(({ op, args }) => [op, "path" in args && args.path])).toEqual([
    ["mkdir", "net"],
    ["mknod", "net/tun"],
    ["mknod", "net/x"],
  ]);
});

test("deviceSteps() makes devices outside /dev beneath the root", () => {
  expect(deviceSteps([{ ...fuse, path: "/opt/fuse" }], { root, dev }).beneath.slice(-2)).toMatchObject([
    { op: "mkdir", args: { at: root, path: "opt" } },
    { op: "mknod", args: { at: root, path: "opt/fuse" } },
  ]);
});

test("deviceSteps() holds the image's own /dev as a real directory, and replaces what lies there", () => {
  const { beneath } = deviceSteps([], { root });
  expect(beneath.slice(0, 2)).toMatchObject([
    { op: "mkdir" },
    { op: "open", args: { flags: ["pathOnly", "directory", "noFollow"] } },
  ]);
  expect(
    beneath.slice(2).every(({ op, args }) => op === "mknod" && "flags" in args && args.flags?.includes("replace")),
  ).toBe(true);
});

test("deviceSteps() binds the host's nodes where none can be made", () => {
  const { before, beneath } = deviceSteps([fuse], { root, dev, bind: true });
  expect(before).toHaveLength(7);
  expect(before.at(-1)).toMatchObject({ op: "openTree", args: { path: "/dev/fuse" } });
  expect(beneath.slice(-2)).toMatchObject([
    { op: "mknod", args: { at: dev, path: "fuse", mode: 0o100000 } },
    { op: "moveMount", args: { at: dev, path: "fuse" } },
  ]);
});

test("deviceSteps() makes a fifo without numbers", () => {
  expect(deviceSteps([{ path: "/dev/initctl", type: "p" }], { root, dev }).beneath.at(-1)?.args).toMatchObject({
    mode: 0o010666,
  });
});

describe("deviceSteps() refuses", () => {
  const refused: readonly [string, DeviceSpec][] = [
    ["an unknown type", { ...fuse, type: "x" as "c" }],
    ["no numbers", { path: "/dev/x", type: "c" }],
    ["a negative number", { ...fuse, minor: -1 }],
    ["a number over 32 bits", { ...fuse, major: 2 ** 32 }],
    ["an empty path", { ...fuse, path: "" }],
  ];
  test.each(refused)("%s", (_, device) => {
    expect(() => deviceSteps([device], { root, dev })).toThrow(expect.objectContaining({ kind: "invalid" }));
  });
});

test("devLinkSteps() links descriptors and terminals, and /dev/core only where there is one", () => {
  const links = (hasKcore: boolean): unknown[] =>
    devLinkSteps({ root, dev, hasKcore }).map(
      ({ args }) => "target" in args && "path" in args && [args.path, args.target],
    );
  const always = [
    ["fd", "/proc/self/fd"],
    ["stdin", "/proc/self/fd/0"],
    ["stdout", "/proc/self/fd/1"],
    ["stderr", "/proc/self/fd/2"],
  ];
  expect(links(false)).toEqual([...always, ["ptmx", "pts/ptmx"]]);
  expect(links(true)).toEqual([...always, ["core", "/proc/kcore"], ["ptmx", "pts/ptmx"]]);
});

test("devLinkSteps() replaces an image's own ptmx", () => {
  expect(devLinkSteps({ root }).at(-1)?.args).toMatchObject({ path: "ptmx", flags: ["replace"] });
});

test("deviceSteps() replaces what an earlier start left outside of /dev, where nothing is new", () => {
  const dev = slot("dev");
  const { beneath } = deviceSteps([{ path: "/run/pipe", type: "p" }], { root, dev });
  const nodes = beneath.flatMap((step) => (step.op === "mknod" ? [step.args] : []));
  expect(nodes.filter(({ flags }) => flags?.includes("replace")).map(({ path }) => path)).toEqual(["run/pipe"]);
});
