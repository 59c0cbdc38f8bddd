import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  freezeState,
  freezeWrite,
  joinWrites,
  killWrite,
  parseFrozen,
  parsePids,
  parsePopulated,
  procsFile,
} from "./group-control.ts";
import { groupDirectories } from "./group-paths.ts";
import { bare, hybrid, unified } from "./testing/hosts.ts";

const first = groupDirectories(hybrid, "/g", ["pids", "freezer"]);
const second = groupDirectories(unified, "/g", ["pids"]);

test("freezeWrite() says it each version's way", () => {
  expect(freezeWrite(first, true)).toEqual({ hostPath: "/sys/fs/cgroup/freezer/g/freezer.state", text: "FROZEN" });
  expect(freezeWrite(first, false).text).toBe("THAWED");
  expect(freezeWrite(second, true)).toEqual({ hostPath: "/sys/fs/cgroup/g/cgroup.freeze", text: "1" });
  expect(freezeState(second)).toEqual({ hostPath: "/sys/fs/cgroup/g/cgroup.events", version: 2 });
  expect(() => freezeWrite(groupDirectories(hybrid, "/g", ["pids"]), true)).toThrow(
    expect.objectContaining({ kind: "unsupported" }),
  );
});

test("parseFrozen() waits while the kernel is still at it", () => {
  expect(["FREEZING\n", "THAWED\n", "FROZEN\n"].map((text) => parseFrozen(text, 1))).toEqual([false, false, true]);
  expect(["populated 1\nfrozen 0\n", "populated 1\nfrozen 1\n"].map((text) => parseFrozen(text, 2))).toEqual([
    false,
    true,
  ]);
});

test("killWrite() is one write on version 2, and a list of pids on version 1", () => {
  expect(killWrite(second)).toEqual({ hostPath: "/sys/fs/cgroup/g/cgroup.kill", text: "1" });
  expect(killWrite(first)).toBeUndefined();
  expect(procsFile(first)).toBe("/sys/fs/cgroup/pids/g/cgroup.procs");
  expect(procsFile(groupDirectories(bare, "/g", []))).toBeUndefined();
});

test("joinWrites() moves a process in every hierarchy", () => {
  expect(joinWrites(first, 4711).map(({ hostPath, text }) => `${hostPath} ${text}`)).toEqual([
    "/sys/fs/cgroup/freezer/g/cgroup.procs 4711",
    "/sys/fs/cgroup/pids/g/cgroup.procs 4711",
  ]);
  for (const pid of [0, -1, 1.5])
    expect(() => joinWrites(first, pid)).toThrow(expect.objectContaining({ kind: "invalid" }));
});

describe("parsePids()", () => {
  test("reads back any list", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 4_194_304 })), (pids) => {
        expect(parsePids(pids.map((pid) => `${pid}\n`).join(""))).toEqual(pids);
      }),
    );
  });

  test("leaves out processes that it cannot name", () => {
    expect(parsePids("0\n7\n0\n")).toEqual([7]);
  });

  test("refuses anything else", () => {
    for (const text of ["x\n", "-1\n", "1 2\n", "99999999999\n"])
      expect(() => parsePids(text)).toThrow(expect.objectContaining({ kind: "corrupt" }));
  });
});

test("parsePopulated() tells whether anyone is left", () => {
  expect(parsePopulated("populated 1\nfrozen 0\n")).toBe(true);
  expect(parsePopulated("populated 0\nfrozen 0\n")).toBe(false);
});
