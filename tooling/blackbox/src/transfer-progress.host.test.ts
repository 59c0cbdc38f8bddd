import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { makeBusyboxImage, type RunningRegistry } from "@galley/testing-images";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BusyboxSetting, busyboxSetting } from "./busybox-setting.ts";
import { ended } from "./ended.ts";
import { type GalleyHome, makeHome } from "./galley-home.ts";
import { missingForBlackBox, named } from "./galley-program.ts";
import { tamperingRegistry } from "./tampering-registry.ts";
import { shellLine } from "./terminal.ts";
import { until } from "./until.ts";

const reason = missingForBlackBox(["script", "stty"]);
const noiseBytes = 3_000_000;
const pieces = 20;
const pauseMs = 60;
const [hide, show] = ["\u001b[?25l", "\u001b[?25h"];

/** Runs a command line under util-linux's `script` and gathers what the terminal gets, control sequences and all. */
function underTerminal(home: GalleyHome, args: readonly string[], { columns = 80, environment = {} } = {}) {
  const line = `stty rows 24 cols ${columns}; exec ${shellLine([...home.argv, ...args])}`;
  const child = spawn("script", ["-qec", line, "/dev/null"], {
    env: { ...process.env, TERM: "xterm", ...environment },
  });
  let shown = "";
  child.stdout.on("data", (chunk: Buffer) => {
    shown += chunk;
  });
  return { child, end: ended(child, 30_000), shown: () => shown };
}

/** What stays to be read: lines as they were when nothing was drawn over them any more. */
function readable(shown: string): string[] {
  const lines: string[] = [];
  for (const [part, up] of shown
    .split(/(?=\u001b\[\d+A)/)
    .map((text) => [text, /^\u001b\[(\d+)A/.exec(text)?.[1]] as const)) {
    if (up !== undefined) lines.splice(lines.length - Number(up));
    lines.push(
      ...part
        .replaceAll(/\u001b\[[0-9;?]*[A-Za-z]|\r/g, "")
        .split("\n")
        .slice(0, -1),
    );
  }
  return lines;
}

describe.skipIf(reason !== undefined)(named("progress of transfers", reason), () => {
  let setting: BusyboxSetting;
  let slow: RunningRegistry;
  let image: string;
  beforeAll(async () => {
    setting = await busyboxSetting();
    const noise = { name: "noise", content: randomBytes(noiseBytes) };
    await makeBusyboxImage(`${setting.registry.address}/noisy:latest`, { layers: [[noise]] });
    slow = await tamperingRegistry(setting.registry, async (answer, response) => {
      const { body, headers, path, request, status } = answer;
      if (request.method !== "GET" || !path.includes("/blobs/") || body.length < noiseBytes) return answer;
      response.writeHead(status, { ...headers, "content-length": body.length });
      const size = Math.ceil(body.length / pieces);
      for (let at = 0; at < body.length && !response.destroyed; at += size) {
        response.write(body.subarray(at, at + size));
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
      response.end();
      return undefined;
    });
    image = `${slow.address}/noisy:latest`;
  }, 60_000);
  afterAll(async () => {
    await slow?.[Symbol.asyncDispose]();
    await setting?.[Symbol.asyncDispose]();
  });

  test.each([
    [100, {}, true],
    [80, { NO_COLOR: "1" }, false],
    [40, {}, true],
    [12, {}, false],
  ])("galley pull draws bars on a terminal of %i columns with %j", async (columns, environment, coloured) => {
    await using home = await makeHome();
    const { end, shown } = underTerminal(home, ["pull", image], { columns, environment });
    expect((await end).code).toBe(0);
    const text = shown();
    const bars = text.slice(text.indexOf(hide), text.indexOf(show));
    for (const line of bars.split(/\r?\n|\u001b\[\d+A/))
      expect(line.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]|\r/g, "").length).toBeLessThan(columns);
    expect(/\u001b\[\d+m/.test(text)).toBe(coloured);
    expect(text.lastIndexOf(show)).toBeGreaterThan(text.lastIndexOf(hide));
    if (columns >= 80) expect(bars).toMatch(/\[=+>? *\].* \d.* MB \/ 3.* MB +[\d.]+ [kM]B\/s/);
    if (columns >= 40) expect(bars).toMatch(/Total +\d+ %/);
    const kept = readable(text);
    expect(kept.filter((line) => line.startsWith("Copying")).length).toBe(3);
    expect(kept.at(-1)).toMatch(/^[0-9a-f]{64}$/);
  });

  test("galley pull stops at control-C, shows the cursor again, and leaves nothing of itself", async () => {
    await using home = await makeHome();
    const { child, end, shown } = underTerminal(home, ["pull", image]);
    await until("bars move", () => {
      if (/[1-9]\d? %/.test(shown())) return true;
      throw new Error(shown());
    });
    child.stdin.write("\u0003");
    expect({ code: (await end).code, last: readable(shown()).at(-1) }).toEqual({
      code: 130,
      last: expect.stringMatching(/^Error: .*(cancelled|aborted)/),
    });
    expect(shown().lastIndexOf(show)).toBeGreaterThan(shown().lastIndexOf(hide));
    expect(await home.ok("images", "-q")).toBe("");
    const staging = join(home.root, "layers/staging");
    if (existsSync(staging)) expect(readdirSync(staging)).toEqual([]);
  });

  test("galley pull goes on where it was stopped", async () => {
    await using home = await makeHome();
    const { child, end, shown } = underTerminal(home, ["pull", image]);
    await until("half of it is there", () => {
      if (/[5-9]\d %/.test(shown())) return true;
      throw new Error(shown());
    });
    child.stdin.write("\u0003");
    await end;
    const { code, err } = await home.run(["pull", "--progress=json", image]);
    expect(code).toBe(0);
    const told = err
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const first = told.find(({ totalBytes, doneBytes }) => totalBytes >= noiseBytes && doneBytes > 0);
    expect(first.doneBytes).toBeGreaterThan(noiseBytes / 4);
  });

  test("galley pull, push, save and load print a line for each part into a pipe", async () => {
    await using home = await makeHome();
    const lines = (text: string) =>
      text
        .trim()
        .split("\n")
        .map((line) => line.replace(/sha256:[0-9a-f]{64}/, "DIGEST"));
    const parts = ["Copying blob DIGEST", "Copying blob DIGEST", "Copying config DIGEST"];
    const expected = ["Getting image source signatures", ...parts, "Writing manifest to image destination"].sort();
    const pulled = await home.run(["pull", image]);
    expect(lines(pulled.err).sort()).toEqual([...expected, `Trying to pull ${image}...`].sort());
    const pushed = await home.run(["push", image, `docker://${setting.registry.address}/again:1`]);
    expect(lines(pushed.err).sort()).toEqual(expected);
    expect(pushed.out).toBe("");
    const archive = join(home.folder, "archive.tar");
    expect(lines((await home.run(["save", "-o", archive, image])).err).sort()).toEqual(
      expected.filter((line) => !line.includes("xyz")),
    );
    await home.ok("rmi", "-a");
    const loaded = await home.run(["load", "-i", archive]);
    expect(lines(loaded.err).sort()).toEqual(expected);
    expect(loaded.out).toBe(`Loaded image: ${image}\n`);
  });

  test("galley pull --quiet says nothing but the id, --progress=json objects alone, --progress=bar bars into a pipe", async () => {
    await using home = await makeHome();
    expect(await home.ok("pull", "--quiet", image)).toMatch(/^[0-9a-f]{64}$/);
    await home.ok("rmi", "-a");
    const { out, err } = await home.run(["pull", "--progress", "json", image]);
    expect(out).toMatch(/^[0-9a-f]{64}\n$/);
    const told = err
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(told.at(-1)).toEqual({ state: "finished" });
    for (const { digest, kind, state, doneBytes, totalBytes } of told.slice(0, -1)) {
      expect(digest).toMatch(/^sha256:/);
      expect(["layer", "config", "manifest"]).toContain(kind);
      expect(typeof state).toBe("string");
      expect(doneBytes).toBeLessThanOrEqual(totalBytes);
    }
    expect((await home.run(["pull", "--progress", "bar", image])).err).toContain(show);
  });
});
