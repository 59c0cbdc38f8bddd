import { describe, expect, test } from "vitest";
import { guardProc, replaceableProcFiles } from "./proc-guard.ts";

type Case = readonly [string, Parameters<typeof guardProc>[0]];

describe("guardProc() allows", () => {
  const allowed: readonly Case[] = [
    ["proc on /proc", { destination: "/proc", type: "proc", source: "proc" }],
    ["the host's proc on /proc", { destination: "/proc", type: "bind", source: "/proc" }],
    ["proc elsewhere", { destination: "/mnt/proc", type: "proc" }],
    ["names that only begin like it", { destination: "/process", type: "tmpfs" }],
    ...replaceableProcFiles.map((destination): Case => [destination, { destination, type: "bind", source: "/srv/x" }]),
  ];
  test.each(allowed)("%s", (_, mount) => {
    expect(() => guardProc(mount)).not.toThrow();
  });
});

describe("guardProc() forbids", () => {
  test.each([
    ["tmpfs on /proc", { destination: "/proc", type: "tmpfs" }],
    ["a directory on /proc", { destination: "/proc", type: "bind", source: "/srv/proc" }],
    ["sysfs on /proc", { destination: "/proc", type: "sysfs" }],
    ["a mount inside /proc", { destination: "/proc/self", type: "bind", source: "/srv" }],
    ["a mount beneath an allowed file", { destination: "/proc/cpuinfo/x", type: "bind", source: "/srv" }],
    ["a mount on a sysctl", { destination: "/proc/sys/kernel/core_pattern", type: "bind", source: "/srv" }],
  ])("%s", (_, mount) => {
    expect(() => guardProc(mount)).toThrow(expect.objectContaining({ kind: "forbidden" }));
  });
});
