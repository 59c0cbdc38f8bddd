import { readFileSync } from "node:fs";
import { parseOomKills } from "@galley/cgroups";
import type { LinuxSpec } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { finished, groupPaths, hostBundle, started, whyNoContainers } from "./testing/host-bundle.ts";
import { hostCgroups } from "./testing/host-cgroups.ts";

const controllers = hostCgroups().legacy.flatMap((hierarchy) => hierarchy.controllers);
const reason =
  whyNoContainers() ||
  (controllers.includes("memory") && controllers.includes("pids") ? "" : "needs version 1 memory and pids controllers");

const limited = (resources: NonNullable<LinuxSpec["resources"]>, command: string) => ({
  process: { args: ["sh", "-c", command] },
  linux: { resources },
});

describe.skipIf(reason !== "")(`limits ${reason}`, () => {
  test("createContainer() limits memory, and the exit record tells that it ran out", async () => {
    using bundle = hostBundle();
    const memory = { limit: 16 * 2 ** 20, swap: 16 * 2 ** 20 };
    const launch = bundle.launch(limited({ memory }, "dd if=/dev/zero of=/dev/null bs=64M count=1; echo $?"));
    const { stdout, record } = await finished(launch);
    expect(stdout).toBe("137\n");
    expect(parseOomKills(record.files["oom"] ?? "")).toBeGreaterThanOrEqual(1);
    const without = await bundle.run("dd if=/dev/zero of=/dev/null bs=64M count=1");
    expect([without.record.code, parseOomKills(without.record.files["oom"] ?? "x")]).toEqual([0, 0]);
  });

  test("createContainer() limits processes", async () => {
    using bundle = hostBundle();
    const { stderr } = await finished(
      bundle.launch(limited({ pids: { limit: 5 } }, "for i in 1 2 3 4 5 6 7 8; do sleep 0.3 & done; wait")),
    );
    expect(stderr).toMatch(/can't fork/);
  });

  test("createContainer() writes limits where the host shows them, and removes them with the container", async () => {
    using bundle = hostBundle();
    const resources = { memory: { limit: 64 * 2 ** 20 }, cpu: { quota: 50_000, period: 100_000 }, pids: { limit: 20 } };
    const launch = bundle.launch(limited(resources, "sleep 60"));
    const container = await started(launch);
    const value = (file: string): string => {
      const controller = file.slice(0, file.indexOf("."));
      const path = groupPaths(launch).find(
        (each) => each.includes(`/${controller}/`) || each.includes(`/${controller},`),
      );
      return readFileSync(`${path}/${file}`, "utf8").trim();
    };
    expect([value("memory.limit_in_bytes"), value("cpu.cfs_quota_us"), value("pids.max")]).toEqual([
      "67108864",
      "50000",
      "20",
    ]);
    expect(value("pids.current")).toBe("1");
    process.kill(container.pid, "SIGKILL");
    await container.exited;
    expect(() => value("pids.max")).toThrow("ENOENT");
  });

  test("createContainer() lets a container use only the devices it may", async () => {
    using bundle = hostBundle();
    const devices = [{ path: "/dev/zap", type: "c", major: 1, minor: 11 }] as const; // /dev/kmsg
    const script = "head -c 1 /dev/zap; head -c 1 /dev/zero | wc -c";
    const linux = { devices, resources: { devices: [{ allow: false, access: "rwm" }] } };
    const { stdout, stderr } = await bundle.run(script, { linux });
    expect(stdout).toBe("1\n");
    expect(stderr).toContain("Operation not permitted");
  });

  test("createContainer() shows a container its own control groups", async () => {
    using bundle = hostBundle();
    const launch = bundle.launch(
      limited(
        { pids: { limit: 20 } },
        "cat /sys/fs/cgroup/pids/pids.max; grep -c galley /proc/self/cgroup; echo 5 > /sys/fs/cgroup/pids/pids.max",
      ),
    );
    const { stdout, stderr } = await finished(launch);
    expect(stdout).toBe("20\n0\n");
    expect(stderr).toContain("Read-only file system");
  });
});
