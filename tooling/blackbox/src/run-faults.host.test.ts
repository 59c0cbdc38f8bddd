import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type BusyboxSetting, busyboxSetting } from "./busybox-setting.ts";
import { expectFailure } from "./failure.ts";
import type { GalleyHome } from "./galley-home.ts";
import { missingForBlackBox, named } from "./galley-program.ts";
import { lookAtHost, nothingLeft } from "./nothing-left.ts";
import { until } from "./until.ts";

const reason = missingForBlackBox();

describe.skipIf(reason !== undefined)(named("galley run", reason), () => {
  let setting: BusyboxSetting;
  let home: GalleyHome;
  let image: string;
  beforeAll(async () => {
    setting = await busyboxSetting();
    ({ home, image } = setting);
    mkdirSync(join(home.folder, "directory"));
    writeFileSync(join(home.folder, "bad-interpreter"), "#!/no/such/interpreter\n");
    writeFileSync(join(home.folder, "no-program"), "\x7fELF and then nothing");
    for (const name of ["bad-interpreter", "no-program"]) chmodSync(join(home.folder, name), 0o755);
  });
  afterAll(() => setting?.[Symbol.asyncDispose]());
  afterEach(async () => {
    expect(await home.ok("ps", "-aq")).toBe("");
    expect(await home.ok("run", "--rm", image, "echo", "still works")).toBe("still works");
  });

  /** F stands for the home's folder. */
  const words = (all: readonly string[]): string[] => all.map((word) => word.replaceAll("F/", `${home.folder}/`));

  test.each<[string, string[], string[], number, RegExp]>([
    ["a command that is not there", [], ["nosuch"], 127, /nosuch.*[Nn]o such file/],
    ["a path that is not there", [], ["/no/such/program"], 127, /\/no\/such\/program.*[Nn]o such file/],
    ["a script without its interpreter", ["-v", "F/bad-interpreter:/script"], ["/script"], 127, /[Nn]o such file/],
    ["a file that may not be executed", [], ["/etc/passwd"], 126, /\/etc\/passwd.*[Pp]ermission denied/],
    ["a directory", [], ["/etc"], 126, /[Pp]ermission denied/],
    ["a file that is no program", ["-v", "F/no-program:/no-program"], ["/no-program"], 126, /[Ee]xec format/],
    ["an entrypoint that is not there", ["--entrypoint", "/nosuch"], [], 127, /\/nosuch/],
    [
      "a program that its user may not reach",
      ["-u", "1000", "-v", "F/directory:/d", "--tmpfs", "/d2:mode=700"],
      ["/root/x"],
      126,
      /[Pp]ermission denied/,
    ],
  ])("galley run of %s says so in one line", async (_, flags, command, code, says) => {
    const before = lookAtHost();
    expectFailure(await home.run(words(["run", "--rm", ...flags, image, ...command])), { code, says });
    await nothingLeft(home.folder, before);
  });

  test.each<[string, string[], RegExp]>([
    ["a volume whose source is missing", ["-v", "/no/such:/x"], /\/no\/such.*no such file/],
    ["a volume without a target", ["-v", "/etc"], /.+/],
    ["a volume with a relative target", ["-v", "/etc:x"], /absolute/],
    ["a volume with an unknown option", ["-v", "/etc:/x:nosuch"], /nosuch/],
    ["two volumes in one place", ["-v", "/etc:/x", "-v", "/usr:/x"], /duplicate/],
    ["a directory over a file", ["-v", "/etc:/etc/passwd"], /\/etc\/passwd/],
    ["a tmpfs with a relative path", ["--tmpfs", "x"], /absolute/],
    ["an environment file that is missing", ["--env-file", "/no/such"], /\/no\/such.*no such file/],
    ["a seccomp profile that is missing", ["--security-opt", "seccomp=/no/such"], /\/no\/such.*no such file/],
    ["an unknown security option", ["--security-opt", "nosuch=1"], /nosuch/],
    ["an id file in no directory", ["--cidfile", "/no/such/file"], /\/no\/such\/file/],
    ["a bad name", ["--name", "-x/"], /name/],
    ["a bad host name", ["--hostname", "x".repeat(100)], /host .*name/],
    ["an unknown user", ["-u", "nosuch"], /nosuch/],
    ["an unknown group", ["-u", "0:nosuch"], /nosuch/],
    ["a user id that is too large", ["-u", "99999999999"], /99999999999/],
    ["a working directory that is a file", ["-w", "/etc/passwd"], /\/etc\/passwd/],
    ["a relative working directory", ["-w", "x"], /absolute/],
    ["an unknown signal", ["--stop-signal", "NOSUCH"], /NOSUCH/],
    ["a time that is none", ["--stop-timeout", "soon"], /soon/],
    ["a size that is none", ["-m", "big"], /big/],
    ["an unknown limit", ["--ulimit", "nosuch=1"], /nosuch/],
    ["an unknown capability", ["--cap-add", "NOSUCH"], /NOSUCH/i],
    ["an unknown network", ["--network", "nosuch"], /nosuch/],
    ["an unknown policy", ["--pull", "nosuch"], /nosuch/],
    ["an unknown flag", ["--nosuch"], /--nosuch/],
    ["a variable without a name", ["-e", "=x"], /=x/],
  ])("galley run with %s says so in one line: 125", async (_, flags, says) => {
    const before = lookAtHost();
    expectFailure(await home.run(["run", "--rm", ...flags, image, "true"]), { code: 125, says });
    await nothingLeft(home.folder, before);
  });

  test("galley run without --rm keeps a container that could not be started, as created", async () => {
    expectFailure(await home.run(["run", "--name", "failed", image, "nosuch"]), { code: 127 });
    const [{ State }] = JSON.parse(await home.ok("inspect", "failed"));
    expect(State).toMatchObject({ Status: "created", Running: false });
    expectFailure(await home.run(["start", "failed"]), { code: 127 });
    await home.ok("rm", "failed");
  });

  test("galley run --cidfile leaves no file when nothing was created", async () => {
    const path = join(home.folder, "no-cid");
    await home.run(["run", "--cidfile", path, "-v", "/no/such:/x", image, "true"]);
    expect(existsSync(path)).toBe(false);
  });

  test.each([1, 2, 3])("galley run --name of four at once lets exactly one win (round %i)", async () => {
    const all = await Promise.all(
      [1, 2, 3, 4].map(() => home.run(["run", "--name", "twin", image, "sh", "-c", "echo won; sleep 0.3"])),
    );
    const [won, ...others] = all.toSorted((a, b) => (a.code ?? 999) - (b.code ?? 999));
    expect(won).toEqual({ code: 0, out: "won\n", err: "" });
    for (const other of others) expectFailure(other, { code: 125, says: /name "twin" is already in use/ });
    expect((await home.ok("ps", "-aq")).split("\n")).toHaveLength(1);
    await home.ok("rm", "twin");
  });

  test("galley start of one container by four at once starts it once", async () => {
    await home.ok("create", "--name", "once", image, "sh", "-c", "echo x >> /count; sleep 0.5; wc -l < /count");
    const all = await Promise.all([1, 2, 3, 4].map(() => home.run(["start", "once"])));
    expect(all.filter(({ code }) => code === 0)).toHaveLength(1);
    for (const other of all.filter(({ code }) => code !== 0)) expectFailure(other, { code: 125 });
    await home.ok("wait", "once");
    expect(await home.ok("logs", "once")).toBe("1");
    await home.ok("rm", "once");
  });

  test("galley rm -f and stop of one container by several at once are fine", async () => {
    await home.ok("run", "-d", "--name", "shared", image, "sleep", "60");
    const all = await Promise.all(
      ["stop", "stop", "kill"].map((verb) =>
        home.run(verb === "stop" ? ["stop", "-t", "1", "shared"] : ["kill", "shared"]),
      ),
    );
    expect(all.map(({ code }) => code)).toEqual(expect.arrayContaining([0, 0]));
    const removals = await Promise.all([1, 2, 3].map(() => home.run(["rm", "-f", "--ignore", "shared"])));
    expect(removals.map(({ code, err }) => ({ code, err }))).toEqual(Array(3).fill({ code: 0, err: "" }));
  });

  test("galley run of many at once gives each its own", async () => {
    const numbers = Array.from({ length: 8 }, (_, index) => String(index));
    const all = await Promise.all(
      numbers.map((number) => home.run(["run", "--rm", image, "sh", "-c", `sleep 0.1; echo ${number}`])),
    );
    expect(all).toEqual(numbers.map((number) => ({ code: 0, out: `${number}\n`, err: "" })));
  });

  test("galley exec into a container that ends meanwhile ends too", async () => {
    await home.ok("run", "-d", "--name", "short", image, "sleep", "60");
    const exec = home.run(["exec", "short", "sleep", "60"]);
    await until("exec runs", async () => (await home.ok("exec", "short", "ps")).split("sleep 60").length > 2);
    await home.ok("kill", "short");
    expect((await exec).code).toBe(137);
    await home.ok("rm", "-f", "short");
  });

  test("galley run leaves the host's files as they were", async () => {
    const passwd = readFileSync("/etc/passwd", "utf8");
    const script = "rm -rf /etc /bin/ls /home; echo x > /passwd; rm -rf /proc/1/root/tmp /sys/fs 2>/dev/null; true";
    await home.run(["run", "--rm", image, "sh", "-c", script]);
    expect(readFileSync("/etc/passwd", "utf8")).toBe(passwd);
    expect(await home.ok("run", "--rm", image, "cat", "/etc/passwd")).toContain("root:x:0:0");
  });
});
