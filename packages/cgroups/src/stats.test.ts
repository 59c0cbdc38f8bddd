import fc from "fast-check";
import { expect, test } from "vitest";
import { groupDirectories } from "./group-paths.ts";
import { parseOomKills } from "./oom-file.ts";
import { parseStats, statFiles } from "./stats.ts";
import { hybrid, unified } from "./testing/hosts.ts";

test("statFiles() names the files of each version", () => {
  const controllers = ["memory", "cpu", "cpuacct", "pids"];
  expect([...statFiles(groupDirectories(unified, "/g", controllers)).keys()].toSorted()).toEqual([
    "cpu.stat",
    "memory.current",
    "memory.events",
    "memory.max",
    "memory.stat",
    "pids.current",
    "pids.max",
  ]);
  expect(statFiles(groupDirectories(hybrid, "/g", controllers)).get("cpuacct.usage")).toBe(
    "/sys/fs/cgroup/cpuacct/g/cpuacct.usage",
  );
});

test("parseStats() understands version 2", () => {
  const texts = new Map([
    ["memory.current", "1048576\n"],
    ["memory.max", "max\n"],
    ["memory.stat", "anon 1\nfile 4096\ninactive_file 2048\n"],
    ["memory.events", "low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n"],
    ["cpu.stat", "usage_usec 30\nuser_usec 20\nsystem_usec 10\nnr_periods 0\nnr_throttled 0\nthrottled_usec 5\n"],
    ["pids.current", "3\n"],
    ["pids.max", "20\n"],
  ]);
  expect(parseStats(texts)).toEqual({
    memory: { usageBytes: 1_048_576, inactiveFileBytes: 2048, oomKills: 1 },
    cpu: { usageMicroseconds: 30, userMicroseconds: 20, systemMicroseconds: 10, throttledMicroseconds: 5 },
    pids: { current: 3, limit: 20 },
  });
});

test("parseStats() understands version 1, which counts nanoseconds and has a number for no limit", () => {
  const texts = new Map([
    ["memory.usage_in_bytes", "4096\n"],
    ["memory.limit_in_bytes", "9223372036854771712\n"],
    ["memory.stat", "inactive_file 1\ntotal_inactive_file 2\n"],
    ["memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n"],
    ["cpuacct.usage", "1999\n"],
    ["cpuacct.usage_user", "1000\n"],
    ["cpuacct.usage_sys", "999\n"],
    ["cpu.stat", "nr_periods 1\nnr_throttled 1\nthrottled_time 7000\n"],
    ["pids.current", "1\n"],
    ["pids.max", "max\n"],
  ]);
  expect(parseStats(texts)).toEqual({
    memory: { usageBytes: 4096, inactiveFileBytes: 2, oomKills: 2 },
    cpu: { usageMicroseconds: 1, userMicroseconds: 1, systemMicroseconds: 0, throttledMicroseconds: 7 },
    pids: { current: 1 },
  });
});

test("parseStats() leaves out what nobody counts, and survives any text", () => {
  expect(parseStats(new Map())).toEqual({});
  expect(parseStats(new Map([["memory.current", "much"]]))).toEqual({});
  fc.assert(
    fc.property(
      fc.constantFrom("memory.current", "cpu.stat", "pids.current"),
      fc.string(),
      (name, text) => void parseStats(new Map([[name, text]])),
    ),
  );
});

test("parseOomKills() counts kills, and none in a text that does not say", () => {
  expect(parseOomKills("oom_kill_disable 0\nunder_oom 0\noom_kill 1\n")).toBe(1);
  expect(parseOomKills("oom 4\noom_kill 3\noom_group_kill 9\n")).toBe(3);
  expect(parseOomKills("oom_kill_disable 0\n")).toBe(0);
  expect(parseOomKills("")).toBe(0);
});
