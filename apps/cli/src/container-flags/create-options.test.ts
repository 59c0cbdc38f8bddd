import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseFlags } from "../flags/parse-flags.ts";
import { createOptions } from "./create-options.ts";
import { runFlags } from "./run-flags.ts";

const caller = { directory: "/home/me", environment: { HOME: "/home/me" } };
function options(...args: string[]) {
  const { flags, words } = parseFlags(runFlags, args, { stopAtFirstWord: true });
  return createOptions(flags, words, caller);
}

describe("createOptions()", () => {
  test("createOptions() leaves out what was not asked for", () => {
    expect(options("busybox")).toEqual({
      image: "busybox",
      process: { terminal: false, openStdin: false, init: false },
      resources: {},
      security: { privileged: false },
      files: { readOnlyRoot: false },
      life: { autoRemove: false },
    });
  });

  test("createOptions() knows every flag of run", () => {
    const line =
      "-it --rm --name n -e A=1 -e HOME -w /w -u 1:2 -v /a:/b:ro --tmpfs /t --read-only --entrypoint e -h host -l k=v -m 64m --memory-swap -1 " +
      "--cpus 0.5 --pids-limit 20 --cap-add net_admin,CAP_SYS_TIME --cap-drop all --privileged --security-opt label=disable --ulimit nofile=5 " +
      "--ulimit host --net host --init --stop-signal INT --stop-timeout 3 image cmd -x --rm";
    expect(options(...line.split(" "))).toEqual({
      image: "image",
      name: "n",
      hostname: "host",
      labels: { k: "v" },
      network: "host",
      process: {
        command: ["cmd", "-x", "--rm"],
        entrypoint: ["e"],
        environment: { A: "1", HOME: "/home/me" },
        workingDirectory: "/w",
        user: "1:2",
        terminal: true,
        openStdin: true,
        init: true,
      },
      resources: {
        memoryBytes: 67_108_864,
        memorySwapBytes: -1,
        cpus: 0.5,
        pidsLimit: 20,
        ulimits: [{ name: "nofile", soft: 5, hard: 5 }],
      },
      security: {
        privileged: true,
        addCapabilities: ["net_admin", "CAP_SYS_TIME"],
        dropCapabilities: ["ALL"],
        labels: ["disable"],
      },
      files: {
        binds: [{ hostPath: "/a", containerPath: "/b", options: ["ro"] }],
        tmpfs: [{ containerPath: "/t", options: [] }],
        readOnlyRoot: true,
      },
      life: { stopSignal: "2", stopTimeoutS: 3, autoRemove: true },
    });
  });

  test("createOptions() takes 0 for no limit", () => {
    expect(options("-m", "0", "--cpus", "0", "--memory-swap", "0", "i").resources).toEqual({});
  });

  test("createOptions() lets the command line win over env files", () => {
    const folder = mkdtempSync(join(tmpdir(), "galley-cli-"));
    const path = join(folder, "env");
    writeFileSync(path, "A=file\nB=file\n");
    expect(options("-e", "A=line", "--env-file", path, "i").process?.environment).toEqual({ A: "line", B: "file" });
    rmSync(folder, { recursive: true });
  });

  test("createOptions() tells of an env file that is not there", () => {
    expect(() => options("--env-file", "/nope", "i")).toThrow(
      'parsing env file "/nope": open /nope: no such file or directory',
    );
  });

  test("createOptions() keeps an emptied entrypoint", () =>
    expect(options("--entrypoint", "", "i").process?.entrypoint).toEqual([]));

  test("createOptions() refuses two mounts in one place", () => {
    expect(() => options("-v", "/a:/x", "--tmpfs", "/x/", "i")).toThrow('"/x": duplicate mount destination');
  });

  test("createOptions() keeps a variable called __proto__ a variable", () => {
    expect(Object.entries(options("-e", "__proto__=x", "i").process?.environment ?? {})).toEqual([["__proto__", "x"]]);
  });
});
