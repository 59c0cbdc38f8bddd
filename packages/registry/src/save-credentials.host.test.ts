import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { readTextFile } from "./read-text-file.ts";
import { saveCredentials } from "./save-credentials.ts";

const program = join(import.meta.dirname, "testing/save-forever.ts");

/** A process that saves, and what it said that it has saved. */
function saver(file: string, prefix: string): { child: ChildProcess; saved: Set<string> } {
  const child = spawn(process.execPath, ["--conditions=@galley/source", program, file, prefix], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const saved = new Set<string>();
  child.stdout?.on("data", (text: Buffer) => {
    for (const key of text.toString().split("\n").slice(0, -1)) saved.add(key);
  });
  return { child, saved };
}

test("saveCredentials() leaves a whole file when it is killed at any moment, and does not stop those who come after", async () => {
  const folder = await mkdtemp(join(tmpdir(), "galley-killed-saves-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "auth.json");
  const all = new Set<string>();
  for (let round = 0; round < 5; round++) {
    const savers = [saver(file, `a${round}-`), saver(file, `b${round}-`)];
    for (const { child } of savers) await once(child.stdout ?? child, "data");
    await sleep(Math.random() * 50);
    for (const { child } of savers) child.kill("SIGKILL");
    await Promise.all(savers.map(({ child }) => once(child, "close")));
    for (const { saved } of savers) for (const key of saved) all.add(key);
    const { auths } = JSON.parse(await readFile(file, "utf8")) as { auths: object };
    expect([...all].filter((key) => !Object.hasOwn(auths, key))).toEqual([]);
  }
  const options = { readFile: readTextFile, environment: {}, authFilePath: file };
  await saveCredentials(options, "last.example", { username: "me", password: "x" });
  expect(await readdir(folder)).toEqual(["auth.json"]);
}, 60_000);
