import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lane, type Step, slot } from "@galley/plan";
import { describe, expect, test } from "vitest";
import { outcome, run, scratch, skipped, step } from "./testing/host.ts";

const exec = (candidates: readonly string[], argv: readonly string[] = ["x"]): Step =>
  step("exec", { candidates, argv, env: [], descriptors: [] }, "run");
const shell = (script: string): readonly string[] => ["/bin/sh", "-c", script];

describe.skipIf(skipped !== "")(`exec candidates${skipped}`, () => {
  const files = (path: string): void => {
    writeFileSync(join(path, "plain"), "no program");
    writeFileSync(join(path, "script"), "#!/bin/sh\nexit 0\n");
    writeFileSync(join(path, "garbage"), "neither fish nor flesh");
    writeFileSync(join(path, "lost"), "#!/no/interpreter\n");
    for (const name of ["script", "garbage", "lost"]) chmodSync(join(path, name), 0o755);
    mkdirSync(join(path, "directory"));
    symlinkSync("loop", join(path, "loop"));
  };

  test.for<[string, string[], { errno?: string; hint?: string; kind?: string }]>([
    ["takes the first that can be executed", ["none", "script", "garbage"], {}],
    ["passes over one that may not be executed", ["plain", "directory", "script"], {}],
    ["passes over one beneath a file", ["plain/script", "script"], {}],
    [
      "finds nothing: ENOENT and the first path",
      ["none", "plain/x", "nothing"],
      { errno: "ENOENT", hint: "none", kind: "not-found" },
    ],
    ["finds nothing, a path beneath a file first", ["plain/x", "none"], { errno: "ENOENT", hint: "none" }],
    ["finds only paths beneath a file", ["plain/x"], { errno: "ENOTDIR", hint: "plain/x" }],
    [
      "was denied one and finds no other: EACCES and that path",
      ["none", "plain", "nothing"],
      { errno: "EACCES", hint: "plain", kind: "forbidden" },
    ],
    ["was denied several: the first of them", ["plain", "directory"], { errno: "EACCES", hint: "plain" }],
    ["stops at one that is no program", ["plain", "garbage", "script"], { errno: "ENOEXEC", hint: "garbage" }],
    ["stops at a loop of links", ["none", "loop", "script"], { errno: "ELOOP", hint: "loop" }],
    ["misses the interpreter of a script", ["lost"], { errno: "ENOENT", hint: "lost" }],
    ["has none", [], { errno: "ENOENT", hint: "" }],
  ])("exec %s", async ([, names, expected]) => {
    using dir = scratch();
    files(dir.path);
    const { failed } = await outcome(exec(names.map((name) => join(dir.path, name))));
    const seen = failed && {
      errno: failed.errno,
      hint: failed.hint.replace(`${dir.path}/`, ""),
      ...(expected.kind ? { kind: failed.kind } : {}),
    };
    expect(seen ?? {}).toEqual(expected);
  });

  test("exec that fails in a child lane is that lane's failure, not its parent's", async () => {
    const child = lane("child", [exec(["/nowhere"])]);
    const { failed } = await outcome(
      step("clone", { lane: child, namespaces: [] }, "clone"),
      step("executed", { lane: child }, "wait"),
    );
    expect(failed).toMatchObject({ lane: "child", step: 1, op: "exec", errno: "ENOENT" });
  });

  test("exec that may fail goes on with the next step", async () => {
    using dir = scratch();
    const { failed } = await outcome(
      dir.open,
      { ...exec(["/nowhere"]), ok: ["ENOENT"] },
      step("mkdir", { at: dir.root, path: "d", mode: 0o755 }, "make"),
    );
    expect(failed).toBeUndefined();
    expect(existsSync(join(dir.path, "d"))).toBe(true);
  });

  test("exec refuses arguments that the kernel refuses", async () => {
    const { failed } = await outcome(exec(["/bin/true"], ["true", "a".repeat(200_000)]));
    expect(failed).toMatchObject({ op: "exec", errno: "E2BIG" });
    const many = await outcome(
      exec(
        ["/bin/true"],
        Array.from({ length: 70_000 }, () => "a"),
      ),
    );
    expect(many.failed).toMatchObject({ op: "exec", errno: "E2BIG" });
  });
});

describe.skipIf(skipped !== "")(`the executed program${skipped}`, () => {
  test("the program has exactly the arguments and the environment of the plan", async () => {
    const { output } = await run({
      argv: ["name of mine", "", "two words", "ä€😀", "-x"],
      candidates: ["/proc/self/exe"].slice(1).concat("/bin/busybox", "/usr/bin/busybox"),
      env: [],
    });
    expect(output).toContain("applet not found");
    const words = await run({
      argv: ["sh", "-c", 'for a in "$@"; do echo "<$a>"; done', "sh", "", "two words", "ä€😀", "-x"],
      candidates: ["/bin/sh"],
    });
    expect(words.output).toBe("<>\n<two words>\n<ä€😀>\n<-x>\n");
    const variables = await run({
      argv: ["env"],
      candidates: ["/usr/bin/env", "/bin/env"],
      env: ["A=1", "EMPTY=", "B=x=y", "LINES=one\ntwo", "A=2"],
    });
    expect(variables.output).toBe("A=1\nEMPTY=\nB=x=y\nLINES=one\ntwo\nA=2\n");
    expect((await run({ argv: ["env"], candidates: ["/usr/bin/env", "/bin/env"] })).output).toBe("");
  });

  test("the program has the descriptors that it was given and no other", async () => {
    using dir = scratch();
    const [file, extra] = [slot("file"), slot("extra")];
    const { output } = await run({
      argv: ["/bin/busybox", "ls", "-l", "/proc/self/fd"],
      candidates: ["/bin/busybox", "/usr/bin/busybox"],
      before: [
        dir.open,
        step("create", { at: dir.root, path: "f", mode: 0o600, out: file }, "create"),
        step("pipe", { read: extra, write: slot("w") }, "leave a pipe open"),
        step("openProcess", { pid: process.pid, startTicks: 0, out: slot("pidfd") }, "leave a process open"),
        step("listen", { at: dir.root, name: "s", mode: 0o600, out: slot("socket") }, "leave a socket open"),
        step(
          "clone",
          { lane: lane("child", []), namespaces: [], pidfd: slot("child") },
          "leave a lane's descriptors open",
        ),
      ],
      descriptors: [{ slot: file, number: 9 }],
    });
    const open = [...output.matchAll(/ (\d+) -> (\S+)/g)].map(
      ([, number, target]) => [Number(number), target] as const,
    );
    const listed = open.filter(([, target]) => !/^\/proc\/\d+\/fd$/.test(target ?? "")); // the directory that ls reads
    expect(listed.map(([number]) => number).toSorted((one, other) => one - other)).toEqual([1, 2, 9]);
    expect(listed.find(([number]) => number === 9)?.[1]).toBe(join(dir.path, "f"));
  });

  test("the program gets descriptors in any permutation, 3 and 4 included", async () => {
    using dir = scratch();
    const names = ["a", "b", "c", "d", "e", "f"];
    const slots = names.map((name) => slot(name));
    const creates = names.map((path, index) =>
      step("create", { at: dir.root, path, mode: 0o600, out: slots[index] as (typeof slots)[number] }, "create"),
    );
    const numbers = [4, 8, 3, 6, 5, 99];
    for (let turn = 0; turn < numbers.length; turn++) {
      const given = numbers.map((_, index) => ({
        slot: slots[index] as (typeof slots)[number],
        number: numbers[(index + turn) % numbers.length] as number,
      }));
      const script = "for n in 3 4 5 6 8 99; do readlink /proc/$$/fd/$n; done";
      const { output, failed } = await run({
        argv: shell(script),
        before: [dir.open, ...creates, ...names.map((path) => step("unlink", { at: dir.root, path }, "make room"))],
        descriptors: given,
      });
      expect(failed).toBeUndefined();
      const expected = [3, 4, 5, 6, 8, 99].map((number) => names[given.findIndex((each) => each.number === number)]);
      expect(
        output
          .trim()
          .split("\n")
          .map((line) => /\/(.) \(deleted\)$/.exec(line)?.[1]),
      ).toEqual(expected);
    }
  });

  test("one slot may be given under several numbers, and an absent one is not given", async () => {
    const none = slot("none");
    const { output } = await run({
      argv: shell("[ -e /proc/$$/fd/7 ] && echo seven; [ -e /proc/$$/fd/0 ] || echo no input"),
      before: [step("open", { path: "/nowhere", flags: ["read"], out: none }, "open nothing", { ok: ["ENOENT"] })],
      descriptors: [{ slot: none, number: 7 }],
    });
    expect(output).toBe("no input\n");
  });

  test("a failing exec is reported also when the program was to get the protocol's numbers", async () => {
    const file = slot("file");
    const { failed } = await outcome(
      step("open", { path: "/dev/null", flags: ["write"], out: file }, "open"),
      step(
        "exec",
        {
          candidates: ["/nowhere"],
          argv: ["x"],
          env: [],
          descriptors: [0, 1, 2, 3, 4, 5].map((number) => ({ slot: file, number })),
        },
        "run",
      ),
    );
    expect(failed).toMatchObject({ op: "exec", errno: "ENOENT", hint: "/nowhere" });
  });

  test("a low limit of open files stands in the way of nothing that it need not", async () => {
    const { output, failed } = await run({
      argv: shell("ulimit -n; echo fine"),
      before: [step("resourceLimit", { resource: 7, soft: 10, hard: 10 }, "limit")],
    });
    expect(failed).toBeUndefined();
    expect(output).toBe("10\nfine\n");
  });

  test("the program ignores and blocks no signal, also when its caller does", async () => {
    const { output } = await run({
      // by exec: a shell that waits for a child may block signals itself
      argv: shell("exec grep -E '^Sig(Blk|Ign)' /proc/self/status"),
    });
    expect(output).toMatch(/SigBlk:\s+0{16}/);
    expect(output).toMatch(/SigIgn:\s+0{16}/);
    const script = `
      import { lane, slot, stepper } from "@galley/plan";
      import { perform } from "@galley/stage";
      const [step, out] = [stepper("test"), slot("out")];
      const steps = [step("inherited", { descriptor: 5, out }, "x"),
        step("exec", { candidates: ["/bin/grep"], argv: ["grep", "SigIgn", "/proc/self/status"], env: [], descriptors: [{ slot: out, number: 1 }] }, "x")];
      await perform({ title: "x", lane: lane("host", steps) }, { inherit: ["ignore", "ignore", "ignore", "ignore", "ignore", 1] }).ended;
    `;
    const ignoring = `trap '' HUP INT QUIT TERM USR1 USR2 CHLD PIPE; exec "$0" "$@"`;
    const printed = execFileSync(
      "/bin/sh",
      ["-c", ignoring, process.execPath, "--conditions=@galley/source", "--input-type=module", "-e", script],
      {
        cwd: new URL("..", import.meta.url),
        encoding: "utf8",
      },
    );
    expect(printed).toMatch(/SigIgn:\s+0{16}/);
  });

  test("the program has no umask and no parent-death signal but what the plan says", async () => {
    const masked = await run({ argv: shell("umask"), before: [step("umask", { mask: 0o27 }, "mask")] });
    expect(masked.output).toBe("0027\n");
    expect((await run({ argv: shell("umask") })).output).toBe("0000\n");
  });
});
