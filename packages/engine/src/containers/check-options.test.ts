import { describe, expect, test } from "vitest";
import { checkOptions, sourceKind } from "./check-options.ts";
import type { CreateContainerOptions } from "./options.ts";

const mega = 1024 * 1024;
const options = (change: Partial<CreateContainerOptions>): CreateContainerOptions => ({ image: "image", ...change });

describe("checkOptions()", () => {
  test.each<[string, Partial<CreateContainerOptions>]>([
    ["nothing", {}],
    ["limits", { resources: { memoryBytes: 64 * mega, memorySwapBytes: -1, cpus: 0.5, pidsLimit: -1 } }],
    ["swap as large as memory", { resources: { memoryBytes: 64 * mega, memorySwapBytes: 64 * mega } }],
    [
      "mounts",
      {
        files: {
          binds: [{ hostPath: "/", containerPath: "/host", options: [] }],
          tmpfs: [{ containerPath: "/tmp", options: [] }],
        },
      },
    ],
    ["a signal", { life: { stopSignal: "SIGRTMIN+3" } }],
  ])("checkOptions() is content with %s", (_, change) => expect(checkOptions(options(change))).toBeUndefined());

  test.each<[string, Partial<CreateContainerOptions>]>([
    ["too little memory", { resources: { memoryBytes: 4 * mega - 1 } }],
    ["less memory and swap than memory", { resources: { memoryBytes: 64 * mega, memorySwapBytes: 32 * mega } }],
    ["swap without memory", { resources: { memorySwapBytes: 64 * mega } }],
    ["negative processors", { resources: { cpus: -1 } }],
    ["next to no processors", { resources: { cpus: 0.001 } }],
    ["endless processors", { resources: { cpus: Number.POSITIVE_INFINITY } }],
    ["processors that are no number", { resources: { cpus: Number.NaN } }],
    ["a negative pids limit", { resources: { pidsLimit: -2 } }],
    ["a relative place", { files: { binds: [{ hostPath: "/", containerPath: "data", options: [] }] } }],
    ["a relative source", { files: { binds: [{ hostPath: "data", containerPath: "/data", options: [] }] } }],
    ["a relative tmpfs", { files: { tmpfs: [{ containerPath: "tmp", options: [] }] } }],
    ["a relative working directory", { process: { workingDirectory: "src" } }],
    [
      "two mounts on one place",
      {
        files: {
          binds: [{ hostPath: "/", containerPath: "/a/./b/", options: [] }],
          tmpfs: [{ containerPath: "/a//b", options: [] }],
        },
      },
    ],
    ["a NUL in an argument", { process: { command: ["echo", "a\0b"] } }],
    ["a NUL in a variable's name", { process: { environment: { "A\0": "b" } } }],
    ["a signal that there is not", { life: { stopSignal: "SIGFOO" } }],
  ])("checkOptions() refuses %s", (_, change) => {
    expect(() => checkOptions(options(change))).toThrow(expect.objectContaining({ kind: "invalid" }));
  });

  test("checkOptions() tells a missing source as absent", () => {
    const binds = [{ hostPath: "/no/such/place", containerPath: "/data", options: [] }];
    expect(() => checkOptions(options({ files: { binds } }))).toThrow(
      expect.objectContaining({ kind: "not-found", code: "engine.missing-source" }),
    );
  });
});

describe("sourceKind()", () => {
  test("sourceKind() tells files from directories", () => {
    expect(sourceKind("/proc")).toBe("directory");
    expect(sourceKind("/proc/self/status")).toBe("file");
  });

  test.each(["/proc/self/status/inside", `/${"x".repeat(300)}`])("sourceKind() throws no raw error for %s", (path) => {
    expect(() => sourceKind(path)).toThrow(expect.objectContaining({ code: expect.stringMatching(/^engine\./) }));
  });
});
