import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BusyboxSetting, busyboxSetting } from "./busybox-setting.ts";
import { ended } from "./ended.ts";
import { galleyProgram, missingForBlackBox, named } from "./galley-program.ts";
import { shellLine } from "./terminal.ts";

const reason = missingForBlackBox();
const nobody = 65_534;
const asNobody = {
  uid: nobody,
  gid: nobody,
  cwd: "/",
  env: { HOME: "/nonexistent", XDG_CACHE_HOME: "/nonexistent", PATH: process.env["PATH"] },
};

/** A checkout in root's own folder cannot be read by others. */
function unreadable(): string | undefined {
  if (reason !== undefined) return reason;
  const tried = spawnSync(process.execPath, [galleyProgram, "--version"], asNobody);
  return tried.status === 0 ? undefined : "needs a checkout that others can read";
}
const withoutNobody = unreadable();

const commandNames = [
  ...["create", "exec", "explain", "images", "info", "inspect", "kill", "logs", "ps", "pull", "rm", "rmi", "run"],
  ...["push", "save", "load", "import", "search", "untag"],
  ...["start", "stop", "tag", "version", "wait", "image exists", "container exists", "image inspect", "container ls"],
];

describe.skipIf(reason !== undefined)(named("galley", reason), () => {
  let setting: BusyboxSetting;
  beforeAll(async () => {
    setting = await busyboxSetting();
  });
  afterAll(() => setting?.[Symbol.asyncDispose]());

  test.each(commandNames)("galley %s --help tells its usage on standard output", async (name) => {
    const { code, out, err } = await setting.home.run([...name.split(" "), "--help"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain(`galley ${name}`);
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test("galley --help names each command, and each flag of the contract is in run's", async () => {
    const main = await setting.home.ok("--help");
    for (const name of commandNames.filter((each) => !each.includes(" ")))
      expect(main).toMatch(new RegExp(`^ +${name} `, "m"));
    const run = await setting.home.ok("run", "--help");
    const flags = [
      ...[
        "detach",
        "interactive",
        "tty",
        "rm",
        "name",
        "env",
        "env-file",
        "workdir",
        "user",
        "volume",
        "tmpfs",
        "read-only",
      ],
      ...[
        "entrypoint",
        "hostname",
        "label",
        "memory",
        "memory-swap",
        "cpus",
        "pids-limit",
        "cap-add",
        "cap-drop",
        "privileged",
      ],
      ...["security-opt", "ulimit", "network", "init", "stop-signal", "stop-timeout", "cidfile", "pull", "tls-verify"],
    ];
    expect(flags.filter((flag) => !run.includes(`--${flag} `))).toEqual([]);
    expect(run).toMatch(/no network|none/);
  });

  test("galley version, --version and info tell what this is", async () => {
    expect(await setting.home.ok("--version")).toMatch(/^galley version \d+\.\d+\.\d+$/);
    expect(JSON.parse(await setting.home.ok("version", "--format", "json")).Client.NodeVersion).toMatch(/^v24\./);
    const info = JSON.parse(await setting.home.ok("info", "--format", "json"));
    expect(info.store).toMatchObject({
      graphRoot: setting.home.root,
      runRoot: setting.home.runroot,
      imageStore: { number: 1 },
    });
    expect(await setting.home.ok("info")).toContain("cgroupVersion:");
  });

  test.each([
    [["frobnicate"], /unrecognized command/],
    [["run"], /requires at least 1 arg/],
    [["run", "--nosuch", "x"], /unknown flag/],
    [["run", "--memory"], /needs an argument/],
    [["ps", "extra"], /takes no arguments/],
    [[], /missing command/],
  ])("galley %j is a usage error: 125, a line, and where to look", async (args, why) => {
    const { code, err } = await setting.home.run(args);
    expect(code).toBe(125);
    expect(err).toMatch(/^Error: [^\n]+\n/);
    expect(err).toMatch(why);
    expect(err).not.toMatch(/ {4}at /);
  });

  test("galley ps, images and info of a home that is not there make none", async () => {
    const away = join(setting.home.folder, "away");
    for (const command of ["ps", "images", "info"]) {
      const { code, err } = await setting.home.run(["--root", away, "--runroot", away, command]);
      expect({ command, code, err }).toEqual({ command, code: 0, err: "" });
    }
    expect(existsSync(away)).toBe(false);
  });

  test.skipIf(withoutNobody)(
    "galley explain run shows lanes and numbered steps with who asked for them, without root and without doing any",
    async () => {
      const places = mkdtempSync(join(tmpdir(), "galley-explain-"));
      chmodSync(places, 0o755);
      try {
        const args = ["--root", `${places}/root`, "--runroot", `${places}/run`, "explain", "run"];
        const flags = ["-m", "64m", "--cap-drop", "all", setting.image, "sh"];
        const text = await setting.home.run([...args, ...flags], { spawn: asNobody });
        expect(text).toMatchObject({ code: 0, err: "" });
        for (const lane of ["host", "init"]) expect(text.out).toMatch(new RegExp(`^lane ${lane}$`, "m"));
        for (const by of ["namespaces", "mounts", "cgroups", "capabilities", "seccomp", "runtime"]) {
          expect(text.out).toMatch(new RegExp(`^ *\\d+ ${by} +\\w`, "m"));
        }
        expect(text.out).toContain("67108864");
        const json = await setting.home.run([...args.slice(0, 4), "explain", "--format", "json", "run", ...flags], {
          spawn: asNobody,
        });
        expect(json).toMatchObject({ code: 0, err: "" });
        const { lanes } = JSON.parse(json.out) as {
          lanes: { lane: string; steps: { op: string; by: string; why: string }[] }[];
        };
        expect(lanes.map(({ lane }) => lane)).toEqual(expect.arrayContaining(["host", "init"]));
        expect(
          lanes.flatMap(({ steps }) => steps).every(({ op, by, why }) => op !== "" && by !== "" && why !== ""),
        ).toBe(true);
        expect(readdirSync(places)).toEqual([]);
      } finally {
        rmSync(places, { recursive: true });
      }
    },
  );

  test("galley explain run as root performs nothing either", async () => {
    await setting.home.ok("explain", "run", "--name", "imagined", setting.image, "touch", "/x");
    expect(await setting.home.ok("ps", "-aq")).toBe("");
  });

  test.skipIf(withoutNobody)("galley run of someone who is not root says so in one line", async () => {
    const refused = await setting.home.run(["run", "--rm", setting.image, "true"], { spawn: asNobody });
    expect(refused).toMatchObject({ code: 125, out: "", err: expect.stringMatching(/^Error: [^\n]*root[^\n]*\n/) });
  });

  test("galley ps works without HOME and with its descriptors closed", async () => {
    const { HOME: _, ...env } = process.env;
    const line = `cd /proc/self/cwd; exec <&- >&- 2>&-; ${shellLine([...setting.home.argv, "ps", "-q"])}`;
    expect((await ended(spawn("sh", ["-c", line], { env }))).code).toBe(0);
  });
});
