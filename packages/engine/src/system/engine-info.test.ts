import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { aStart, putContainer, writePid } from "../testing/keeper-records.ts";
import { makeImage, putImage } from "../testing/make-image.ts";
import { scratchEngine } from "../testing/scratch-engine.ts";
import { engineInfo } from "./engine-info.ts";
import { engineVersion } from "./engine-version.ts";
import { memory, osRelease, uptimeText } from "./host-info.ts";

describe("engineInfo()", () => {
  test("engineInfo() counts what is there", async () => {
    const engine = await scratchEngine();
    putImage(engine, makeImage());
    putContainer(engine, { id: "1".repeat(64), name: "created" });
    writePid(engine, putContainer(engine, { id: "2".repeat(64), name: "running", start: aStart() }));
    const { store } = engineInfo(engine);
    expect(store.containerStore).toEqual({ number: 2, paused: 0, running: 1, stopped: 1 });
    expect(store).toMatchObject({
      imageStore: { number: 1 },
      graphRoot: engine.places.root,
      runRoot: engine.places.runroot,
    });
    expect(store.graphRootUsed).toBeLessThanOrEqual(store.graphRootAllocated ?? 0);
  });

  test("engineInfo() is JSON, also where nothing was ever written", async () => {
    const info = engineInfo(await scratchEngine());
    expect(JSON.parse(JSON.stringify(info))).toEqual(info);
    expect(info.host.memTotal).toBeGreaterThan(info.host.memFree);
    expect(info.host.cgroupVersion).toMatch(/^v[12]$/);
    expect(info.host.cgroupControllers.join()).not.toContain("name=");
    expect(info.host.security.capabilities).toContain("CAP_CHOWN");
  });
});

test("engineVersion is that of the package", () => {
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  expect(engineVersion.version).toBe(manifest.version);
});

test("memory() reads proc_meminfo(5)", () => {
  const text =
    "MemTotal:       2048 kB\nMemFree:         512 kB\nMemAvailable:   1000 kB\nSwapTotal:         0 kB\nSwapFree:          0 kB\n";
  expect(memory(text)).toEqual({ memTotal: 2 * 2 ** 20, memFree: 2 ** 19, swapTotal: 0, swapFree: 0 });
  expect(memory("")).toEqual({ memTotal: 0, memFree: 0, swapTotal: 0, swapFree: 0 });
});

test("osRelease() reads os-release(5), with and without quotes", () => {
  const text = 'PRETTY_NAME="Some Linux 12"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nID=some\nID_LIKE=other\n';
  expect(osRelease(text)).toEqual({ codename: "bookworm", distribution: "some", version: "12" });
  expect(osRelease("")).toEqual({ distribution: "unknown", version: "unknown" });
});

test.each([
  [12.3, "0h 0m 12.30s"],
  [3725, "1h 2m 5.00s (Approximately 0.04 days)"],
  [90_000, "25h 0m 0.00s (Approximately 1.04 days)"],
])("uptimeText() of %d seconds", (seconds, text) => expect(uptimeText(seconds)).toBe(text));
