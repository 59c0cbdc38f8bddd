import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  makeBusyboxImage,
  missingForHostTest,
  type RunningRegistry,
  startDebianRegistry,
} from "@galley/testing-images";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { programPath } from "./programs.ts";

const programFile = join(import.meta.dirname, "../bin/galley.js");

function unbuilt(): string | undefined {
  if (!existsSync(join(import.meta.dirname, "../dist/galley.js"))) return "needs the built command line";
  try {
    return existsSync(programPath("stage")) && existsSync(programPath("keeper"))
      ? undefined
      : "needs the built programs";
  } catch {
    return "needs the built programs";
  }
}
const programs = ["busybox", "docker-registry", "skopeo", "script", "cat", "stty"];
const reason = missingForHostTest({ root: true, programs }) ?? unbuilt();

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

describe.skipIf(reason !== undefined)(`galley${reason === undefined ? "" : ` (${reason})`}`, () => {
  let registry: RunningRegistry;
  let folder: string;
  let image: string;

  const globals = (): string[] => ["--root", join(folder, "root"), "--runroot", join(folder, "run")];
  const start = (args: readonly string[]): ChildProcess =>
    spawn(process.execPath, [programFile, ...globals(), ...args]);

  function galley(args: readonly string[], input = ""): Promise<Ended> {
    const child = start(args);
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
    return ended(child);
  }

  async function id(...args: string[]): Promise<string> {
    const { code, out, err } = await galley(args);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    return out.trim();
  }

  const remove = (name: string): Promise<Ended> => galley(["rm", "-f", "-t", "0", "--ignore", name]);

  async function until(condition: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 100; tries++) {
      if (await condition()) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error("it did not happen within 5 seconds");
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "galley-cli-host-"));
    registry = await startDebianRegistry();
    image = `${registry.address}/busybox`;
    await makeBusyboxImage(`${image}:latest`);
    await makeBusyboxImage(`${registry.address}/zstd:latest`, {
      compression: "zstd",
      layers: [[{ name: "a", content: "b" }]],
    });
    await makeBusyboxImage(`${registry.address}/docker:latest`, { format: "v2s2" });
    await makeBusyboxImage(`${registry.address}/many:latest`, { architectures: ["amd64", "arm64"] });
    await galley(["pull", "-q", image]);
  });

  afterAll(async () => {
    if (folder !== undefined) await galley(["rm", "-af", "-t", "0"]);
    await registry?.[Symbol.asyncDispose]();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  test.each(["busybox", "zstd", "docker", "many"])("galley pull and run work with the image %s", async (name) => {
    const pulled = await galley(["pull", `${registry.address}/${name}`]);
    expect(pulled).toMatchObject({ code: 0, out: expect.stringMatching(/^[0-9a-f]{64}\n$/) });
    expect(pulled.err).toContain(`Trying to pull ${registry.address}/${name}:latest...`);
    expect(await galley(["run", "--rm", `${registry.address}/${name}`, "echo", "hi"])).toEqual({
      code: 0,
      out: "hi\n",
      err: "",
    });
  });

  test("galley run keeps both streams apart and ends with the container's code", async () => {
    expect(await galley(["run", "--rm", image, "sh", "-c", "echo o; echo e >&2; exit 7"])).toEqual({
      code: 7,
      out: "o\n",
      err: "e\n",
    });
    expect((await galley(["run", "--rm", image, "sh", "-c", "sh -c 'kill -9 $$'; exit $?"])).code).toBe(137);
  });

  test.each([
    [["nosuch"], 127],
    [["/bin"], 126],
  ])("galley run of %j ends with %i and one line", async (command, code) => {
    const ran = await galley(["run", "--rm", image, ...command]);
    expect(ran).toMatchObject({ code, out: "" });
    expect(ran.err).toMatch(/^Error: .*\n$/);
    expect((await galley(["ps", "-aq"])).out).toBe("");
  });

  test.each([
    [["run", "--rm", "-v", "/no/such:/x", "IMAGE"], "statfs /no/such: no such file or directory"],
    [["run", "--rm", "127.0.0.1:1/x"], "127.0.0.1:1"],
    [["run", "--rm", "REGISTRY/nope"], "manifest unknown"],
    [["run", "--rm", "-m", "1q", "IMAGE"], "invalid size: '1q'"],
    [["run", "--rm", "--pull", "never", "localhost/nope"], "image not known"],
  ])("galley %j ends with 125 and says why", async (args, why) => {
    const { code, err } = await galley(
      args.map((arg) => arg.replace("IMAGE", image).replace("REGISTRY", registry.address)),
    );
    expect(code).toBe(125);
    expect(err).toContain(why);
  });

  test("galley run -i hands standard input on until its end", async () => {
    const input = "x".repeat(300_000);
    expect(await galley(["run", "--rm", "-i", image, "wc", "-c"], input)).toMatchObject({ code: 0, out: "300000\n" });
  });

  test("galley run without -i gives no input", async () => {
    expect(await galley(["run", "--rm", image, "cat"], "secret")).toEqual({ code: 0, out: "", err: "" });
  });

  test("galley run -it has a terminal of our terminal's size and restores ours", async () => {
    const line = [
      process.execPath,
      programFile,
      ...globals(),
      "run",
      "--rm",
      "-it",
      image,
      "sh",
      "-c",
      "'tty; stty size; exit 5'",
    ].join(" ");
    const child = spawn("script", ["-qec", `stty rows 33 cols 101; ${line}; echo code $?; stty -a`, "/dev/null"], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    const { out } = await ended(child);
    expect(out).toContain("/dev/pts/0\r\n33 101\r\ncode 5\r\n");
    expect(out).toMatch(/[^-]icanon/);
    expect(out).toMatch(/[^-]opost/);
  });

  test("galley run -d, logs -f, exec, stop and rm tell the whole story", async () => {
    const script = "trap 'echo bye; exit 5' TERM; echo up; while :; do sleep 0.1; done";
    const made = await id("run", "-d", "--name", "story", image, "sh", "-c", script);
    await until(async () => (await galley(["logs", "story"])).out === "up\n");
    expect((await galley(["ps", "--no-trunc", "-q"])).out).toBe(`${made}\n`);
    expect(await galley(["exec", "-i", "story", "sh", "-c", "cat; exit 3"], "in")).toEqual({
      code: 3,
      out: "in",
      err: "",
    });
    const following = galley(["logs", "-f", "story"]);
    expect(await galley(["stop", "story"])).toEqual({ code: 0, out: "story\n", err: "" });
    expect(await following).toMatchObject({ code: 0, out: "up\nbye\n" });
    expect((await galley(["wait", "story"])).out).toBe("5\n");
    expect((await galley(["exec", "story", "true"])).code).toBe(255);
    expect(await galley(["rm", "story"])).toMatchObject({ code: 0, out: "story\n" });
    expect((await galley(["rm", "story"])).code).toBe(1);
  });

  test("galley create, start -a and kill work on one container, again and again", async () => {
    await id("create", "--name", "again", image, "sh", "-c", "echo x >> /f; wc -l < /f");
    expect((await galley(["start", "-a", "again"])).out).toBe("1\n");
    expect((await galley(["start", "-a", "again"])).out).toBe("2\n");
    expect((await galley(["kill", "again"])).code).toBe(125);
    await remove("again");
  });

  test("galley run hands signals on", async () => {
    const child = start(["run", "--rm", image, "sh", "-c", "trap 'exit 9' HUP; echo up; while :; do sleep 0.1; done"]);
    child.stdout?.once("data", () => child.kill("SIGHUP"));
    expect((await ended(child)).code).toBe(9);
  });

  test("galley run leaves the container alone when nobody reads its output", async () => {
    const child = start(["run", "--name", "pipe", image, "yes"]);
    child.stdout?.once("data", () => child.stdout?.destroy());
    expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(141);
    expect((await galley(["ps", "--format", "json"])).out).toContain('"pipe"');
    await remove("pipe");
  });

  test("galley run --rm leaves nothing behind when it is killed", async () => {
    const child = start(["run", "--rm", "--name", "orphan", image, "sh", "-c", "echo up; sleep 0.5"]);
    child.stdout?.once("data", () => child.kill("SIGKILL"));
    await ended(child);
    await until(async () => (await galley(["ps", "-aq"])).out === "");
  });

  test("galley run sets limits that bite", async () => {
    const limits = ["-m", "64m", "--cpus", "0.5", "--pids-limit", "20"];
    const forks = "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22; do sleep 1 & done";
    expect((await galley(["run", "--rm", ...limits, image, "sh", "-c", forks])).err).toContain(
      "Resource temporarily unavailable",
    );
    const greedy = await galley([
      "run",
      "--rm",
      ...limits,
      "--memory-swap",
      "64m",
      image,
      "sh",
      "-c",
      "tail /dev/zero",
    ]);
    expect(greedy.code).toBe(137);
  });

  test("galley run shows host directories and memory as asked", async () => {
    await mkdir(join(folder, "data"));
    await writeFile(join(folder, "data/f"), "from the host\n");
    const files = ["-v", `${folder}/data:/data:ro`, "--tmpfs", "/t:size=1m", "--read-only"];
    const script = "cat /data/f; touch /data/x /x; touch /t/x && echo wrote; df -k /t | tail -1";
    const { out, err } = await galley(["run", "--rm", ...files, image, "sh", "-c", script]);
    expect(out).toMatch(/^from the host\nwrote\ntmpfs +1024 /);
    expect(err.match(/Read-only file system/g)).toHaveLength(2);
  });

  test("galley run -u and --cap-drop take power away", async () => {
    const { out } = await galley([
      "run",
      "--rm",
      "-u",
      "1000:1000",
      "--cap-drop",
      "all",
      image,
      "sh",
      "-c",
      "id -u; grep CapBnd /proc/self/status",
    ]);
    expect(out).toBe("1000\nCapBnd:\t0000000000000000\n");
  });

  test("galley run --security-opt seccomp= uses a profile of ours", async () => {
    const profile = {
      defaultAction: "SCMP_ACT_ALLOW",
      syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 1 }],
    };
    await writeFile(join(folder, "profile.json"), JSON.stringify(profile));
    const { code, err } = await galley([
      "run",
      "--rm",
      "--security-opt",
      `seccomp=${folder}/profile.json`,
      image,
      "mkdir",
      "/x",
    ]);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining("Operation not permitted") });
  });

  test("galley run --name of two at once lets one win", async () => {
    const both = await Promise.all([1, 2].map(() => galley(["run", "--rm", "--name", "twin", image, "sleep", "0.5"])));
    expect(both.map(({ code }) => code).sort()).toEqual([0, 125]);
    expect(both.map(({ err }) => err).join("")).toContain("already in use");
  });

  test("galley run --cidfile writes the id once", async () => {
    const path = join(folder, "cid");
    const { code } = await galley(["run", "--rm", "--cidfile", path, image, "true"]);
    expect({ code, id: await readFile(path, "utf8") }).toEqual({
      code: 0,
      id: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect((await galley(["run", "--rm", "--cidfile", path, image, "true"])).code).toBe(125);
  });

  test("galley tag, images, image exists and rmi agree", async () => {
    await galley(["tag", image, "localhost/other:1"]);
    expect((await galley(["images", "--noheading"])).out).toContain("localhost/other");
    expect((await galley(["image", "exists", "localhost/other:1"])).code).toBe(0);
    expect((await galley(["rmi", "localhost/other:1"])).out).toBe("Untagged: localhost/other:1\n");
    expect((await galley(["image", "exists", "localhost/other:1"])).code).toBe(1);
  });

  test("galley explain run needs no root and performs nothing", async () => {
    const args = [programFile, "explain", "run", "-m", "64m", "--cap-drop", "all", "busybox", "sh"];
    const options = {
      uid: 65_534,
      gid: 65_534,
      cwd: "/",
      env: { HOME: "/nonexistent", XDG_CACHE_HOME: "/nonexistent" },
    };
    const out = await new Promise<string>((resolve, reject) => {
      execFile(process.execPath, args, options, (error, stdout) => (error ? reject(error) : resolve(stdout)));
    });
    expect(out).toMatch(/^lane host$/m);
    expect(out).toMatch(/^lane init$/m);
    expect(out).toMatch(/^ +1 [a-z]+ +\S/m);
  });
});

async function ended(child: ChildProcess): Promise<Ended> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => err.push(chunk));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() };
}
