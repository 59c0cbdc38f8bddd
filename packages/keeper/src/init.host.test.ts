import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { initPath } from "./keeper-path.ts";

const built = isBuilt();

function isBuilt(): boolean {
  try {
    return initPath() !== "";
  } catch {
    return false;
  }
}

describe.skipIf(!built)(`init${built ? "" : " (skipped: the program is not built)"}`, () => {
  test("init ends with the exit code of the command", () => {
    expect(spawnSync(initPath(), ["--", "sh", "-c", "exit 7"]).status).toBe(7);
  });

  test("init ends with 128 + n when a signal ended the command", () => {
    expect(spawnSync(initPath(), ["sh", "-c", "kill -9 $$"]).status).toBe(137);
  });

  test("init says 127 for a command that is not there and 126 for one that cannot be executed", () => {
    expect(spawnSync(initPath(), ["--", "/no/such/command"]).status).toBe(127);
    expect(spawnSync(initPath(), ["--", "/etc/passwd"]).status).toBe(126);
  });

  test("init passes signals on to the command", async () => {
    const child = spawn(initPath(), ["--", "sh", "-c", "trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done"]);
    await once(child.stdout, "data");
    child.kill("SIGTERM");
    const [code] = await once(child, "exit");
    expect(code).toBe(5);
  });

  test("init reaps orphans as process 1", () => {
    const script = "(sleep 0.05 &); sleep 0.3; ps -eo stat= | grep -c Z || true";
    const run = spawnSync("unshare", ["-Urpf", "--mount-proc", initPath(), "--", "sh", "-c", script]);
    expect(run.stdout.toString().trim()).toBe("0");
  });
});
