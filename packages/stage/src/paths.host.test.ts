import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type Step, slot } from "@galley/plan";
import { describe, expect, test } from "vitest";
import { outcome, outcomeApart, type Scratch, scratch, skipped, step } from "./testing/host.ts";

const a = slot("a");
const write = (dir: Scratch, path: string): Step =>
  step("write", { at: dir.root, path, bytes: Buffer.from("written") }, `write ${path}`);

/** root/ is the root; outside/ lies beside it. */
function jail(): Scratch & { readonly inside: (path: string) => string; readonly outside: (path: string) => string } {
  const around = scratch();
  for (const path of ["root/etc", "root/tmp", "outside"]) mkdirSync(join(around.path, path), { recursive: true });
  writeFileSync(join(around.path, "outside/secret"), "secret");
  writeFileSync(join(around.path, "root/etc/passwd"), "inside");
  const root = slot("jail");
  return {
    path: around.path,
    root,
    open: step("open", { path: join(around.path, "root"), flags: ["directory", "read"], out: root }, "open the root"),
    inside: (path) => join(around.path, "root", path),
    outside: (path) => join(around.path, "outside", path),
    [Symbol.dispose]: () => around[Symbol.dispose](),
  };
}

describe.skipIf(skipped !== "")(`paths beneath a slot${skipped}`, () => {
  test.for<[name: string, link: string | undefined, path: string]>([
    ["dots that climb", undefined, "../../../../etc/passwd"],
    ["dots in the middle", undefined, "tmp/../../etc/passwd"],
    ["an absolute path", undefined, "/etc/passwd"],
    ["an absolute link", "/etc/passwd", "tmp/link"],
    ["a link that climbs", "../../../../../etc/passwd", "tmp/link"],
    ["a link to the root", "/", "tmp/link/etc/passwd"],
    ["a link to a directory above", "../..", "tmp/link/etc/passwd"],
  ])("%s stays in the root", async ([, link, path]) => {
    using dir = jail();
    if (link) symlinkSync(link, dir.inside("tmp/link"));
    const read = step("read", { at: dir.root, path, limitBytes: 99 }, "read");
    const { failed, content } = await outcome(dir.open, read, write(dir, path));
    expect(failed).toBeUndefined();
    expect(content(read)).toBe("inside");
    expect(readFileSync(dir.inside("etc/passwd"), "utf8")).toBe("written");
    expect(readFileSync("/etc/passwd", "utf8")).toContain("root:");
  });

  test("a magic link is not followed, whatever it leads to", async () => {
    using dir = jail();
    mkdirSync(dir.inside("proc"));
    const proc = [
      dir.open,
      step("newFileSystem", { type: "proc", options: [], out: a }, "make a proc"),
      step("moveMount", { mount: a, at: dir.root, path: "proc" }, "attach it"),
    ];
    for (const path of [
      "proc/self/root/etc/passwd",
      "proc/self/cwd",
      "proc/self/fd/0",
      "proc/self/exe",
      `proc/self/fd/0/../../x`,
    ]) {
      const { failed } = await outcomeApart([...proc, step("read", { at: dir.root, path, limitBytes: 9 }, "read")]);
      expect(failed).toMatchObject({ op: "read", errno: "ELOOP", hint: path });
    }
    const { failed } = await outcomeApart([
      ...proc,
      step("mkdir", { at: dir.root, path: "proc/self/cwd/made", mode: 0o755 }, "make"),
    ]);
    expect(failed).toMatchObject({ op: "mkdir", errno: "ELOOP" });
  });

  test("a plain link within proc is followed: only magic ones are not", async () => {
    using dir = jail();
    mkdirSync(dir.inside("proc"));
    const read = step("read", { at: dir.root, path: "proc/self/status", limitBytes: 99 }, "read");
    const { content } = await outcomeApart([
      dir.open,
      step("newFileSystem", { type: "proc", options: [], out: a }, "make a proc"),
      step("moveMount", { mount: a, at: dir.root, path: "proc" }, "attach it"),
      read,
    ]);
    expect(content(read)).toContain("Name:\tstage");
  });

  test.for([
    "mkdir",
    "symlink",
    "mknod",
    "create",
    "unlink",
    "removeTree",
    "attributes",
    "xattr",
    "link",
    "rename",
  ] as const)("%s never follows a final link out of the root, nor one on the way", async (op) => {
    using dir = jail();
    symlinkSync(dir.outside(""), dir.inside("way"));
    symlinkSync(dir.outside("secret"), dir.inside("final"));
    symlinkSync("../../../../../../../../..", dir.inside("up"));
    const making = (path: string): Step => {
      const at = dir.root;
      const steps = {
        mkdir: () => step("mkdir", { at, path, mode: 0o777, flags: ["replace"] }, "x"),
        symlink: () => step("symlink", { at, path, target: "x", flags: ["replace"] }, "x"),
        mknod: () => step("mknod", { at, path, mode: 0o100644, major: 0, minor: 0, flags: ["replace"] }, "x"),
        create: () => step("create", { at, path, mode: 0o644, flags: ["replace"], out: a }, "x"),
        unlink: () => step("unlink", { at, path }, "x"),
        removeTree: () => step("removeTree", { at, path }, "x"),
        attributes: () => step("attributes", { at, path, set: ["owner", "times"], uid: 7, gid: 7, seconds: 7 }, "x"),
        xattr: () => step("xattr", { at, path, name: "trusted.x", value: Buffer.from("1") }, "x"),
        link: () => step("link", { at, path: "linked", existing: path }, "x"),
        rename: () => step("rename", { at, path, to: "moved" }, "x"),
      };
      return steps[op]();
    };
    const before = lstatSync(dir.outside("secret"));
    for (const path of ["way/secret", `up${dir.outside("secret")}`]) {
      const { failed } = await outcome(dir.open, making(path));
      expect(failed).toMatchObject({ op, errno: "ENOENT" });
    }
    expect((await outcome(dir.open, making("final"))).failed).toBeUndefined();
    expect(readFileSync(dir.outside("secret"), "utf8")).toBe("secret");
    expect(lstatSync(dir.outside("secret"))).toMatchObject({ uid: before.uid, mtimeMs: before.mtimeMs, nlink: 1 });
    expect(readdirSync(dir.outside(""))).toEqual(["secret"]);
  });

  test.for(["", ".", "..", "a/", "a/.", "a/..", "/"])("a name cannot be made or removed as %j", async (path) => {
    using dir = jail();
    mkdirSync(dir.inside("a"));
    for (const made of [
      step("mkdir", { at: dir.root, path, mode: 0o755 }, "x"),
      step("removeTree", { at: dir.root, path }, "x"),
    ]) {
      expect((await outcome(dir.open, made)).failed).toMatchObject({ errno: "EINVAL", hint: path });
    }
  });

  test("a path longer than the kernel takes is refused", async () => {
    using dir = jail();
    const long = (name: string): Step =>
      step("mkdir", { at: dir.root, path: `${"d/".repeat(2100)}${name}`, mode: 0o755 }, "x");
    expect((await outcome(dir.open, long("x"))).failed).toMatchObject({ errno: "ENAMETOOLONG" });
    expect(
      (await outcome(dir.open, step("mkdir", { at: dir.root, path: "n".repeat(256), mode: 0o755 }, "x"))).failed,
    ).toMatchObject({ errno: "ENAMETOOLONG" });
  });

  test("what a path leads to is looked up again after a mount, a removal, a rename and another root", async () => {
    using dir = jail();
    const [at, other] = [dir.root, slot("other")];
    const make = (path: string, root = at): Step => step("mkdir", { at: root, path, mode: 0o755 }, `make ${path}`);
    const { failed } = await outcomeApart([
      dir.open,
      make("tmp/first"),
      step("newFileSystem", { type: "tmpfs", options: [], out: a }, "make a tmpfs"),
      step("moveMount", { mount: a, at, path: "tmp" }, "cover tmp"),
      make("tmp/covering"),
      step("unmount", { at, path: "tmp" }, "uncover tmp"),
      make("tmp/uncovered"),
      step("removeTree", { at, path: "tmp" }, "remove tmp"),
      make("tmp"),
      make("tmp/again"),
      step("rename", { at, path: "tmp", to: "moved" }, "move tmp"),
      make("tmp"),
      make("tmp/last"),
      make("tmp/root"),
      step("open", { at, path: "moved", flags: ["directory"], out: other }, "open another"),
      step("close", { slot: at }, "close the root"),
      step("open", { at: other, path: "", flags: ["directory"], out: at }, "which is now another"),
      make("tmp", at),
      make("tmp/elsewhere", at),
    ]);
    expect(failed).toBeUndefined();
    expect(readdirSync(dir.inside("tmp"))).toEqual(["last", "root"]);
    expect(readdirSync(dir.inside("moved")).toSorted()).toEqual(["again", "tmp"]);
    expect(readdirSync(dir.inside("moved/tmp"))).toEqual(["elsewhere"]);
  });

  test("a slot that was filled anew is not taken for the old one", async () => {
    using dir = jail();
    const [at, keep] = [slot("at"), slot("keep")];
    const open = (path: string, out = at): Step =>
      step("open", { at: dir.root, path, flags: ["directory"], out }, "open");
    const make = (path: string): Step => step("mkdir", { at, path, mode: 0o755 }, "make");
    mkdirSync(dir.inside("etc/sub"));
    mkdirSync(dir.inside("tmp/sub"));
    const { failed } = await outcome(
      dir.open,
      open("etc"),
      make("sub/one"),
      open("tmp"),
      open("etc", keep),
      make("sub/two"),
      step("close", { slot: at }, "x"),
      open("etc"),
      make("sub/three"),
    );
    expect(failed).toBeUndefined();
    expect([readdirSync(dir.inside("etc/sub")), readdirSync(dir.inside("tmp/sub"))]).toEqual([
      ["one", "three"],
      ["two"],
    ]);
  });

  test("a working directory outside of the root is refused, and left", async () => {
    using dir = jail();
    const outside = slot("outside");
    const read = step("open", { path: "/proc/self/cwd/etc/passwd", flags: ["read"], out: a }, "look where we are", {
      ok: ["ENOENT"],
    });
    const steps = [
      dir.open,
      step("open", { path: dir.outside(""), flags: ["directory", "pathOnly"], out: outside }, "hold outside"),
      step("chroot", { root: dir.root }, "enter"),
    ];
    const { failed } = await outcomeApart([...steps, step("chdir", { at: outside, path: "." }, "go out")]);
    expect(failed).toMatchObject({ op: "chdir", errno: "EXDEV", kind: "internal" });
    expect(
      (
        await outcomeApart([
          ...steps,
          step("chdir", { at: outside, path: "" }, "go out", { ok: ["EXDEV"] }),
          read,
          step("chdir", { path: "/etc" }, "go in"),
        ])
      ).failed,
    ).toBeUndefined();
    expect((await outcomeApart([...steps, step("chdir", { path: "/proc/self/fd/5" }, "go out")])).failed).toMatchObject(
      { op: "chdir", errno: "ENOENT" },
    );
  });

  test("a working directory that was removed is refused", async () => {
    using dir = jail();
    const gone = slot("gone");
    const open = step("open", { at: dir.root, path: "tmp", flags: ["directory"], out: gone }, "open");
    const { failed } = await outcome(
      dir.open,
      open,
      step("removeTree", { at: dir.root, path: "tmp" }, "remove"),
      step("chdir", { at: gone, path: "" }, "go"),
    );
    expect(failed).toMatchObject({ op: "chdir", errno: "ENOENT" });
  });
});

describe.skipIf(skipped !== "")(`what is written must lie where it should${skipped}`, () => {
  test("write refuses a proc, sys or cgroup file that lies elsewhere, and leaves it as it was", async () => {
    using dir = jail();
    const attempt = (flag: "proc" | "sys" | "cgroup"): Step =>
      step("write", { at: dir.root, path: "etc/passwd", bytes: Buffer.from("x"), flags: [flag, "truncate"] }, "write");
    for (const flag of ["proc", "sys", "cgroup"] as const) {
      expect((await outcome(dir.open, attempt(flag))).failed).toMatchObject({ op: "write", errno: "EXDEV" });
    }
    expect(readFileSync(dir.inside("etc/passwd"), "utf8")).toBe("inside");
    const proc = step(
      "write",
      { path: "/proc/self/oom_score_adj", bytes: Buffer.from("1"), flags: ["cgroup"] },
      "write",
    );
    expect((await outcome(proc)).failed).toMatchObject({ errno: "EXDEV" });
  });

  test("write says when the kernel takes only a part", async () => {
    const { failed } = await outcome(
      step("write", { path: "/proc/self/oom_score_adj", bytes: Buffer.from("nonsense"), flags: ["proc"] }, "write"),
    );
    expect(failed).toMatchObject({ errno: "EINVAL", hint: "/proc/self/oom_score_adj" });
  });

  test("read and write do not wait for the other end of a fifo", async () => {
    using dir = jail();
    execFileSync("mkfifo", [dir.inside("fifo")]);
    expect(
      (await outcome(dir.open, step("read", { at: dir.root, path: "fifo", limitBytes: 9 }, "read"))).failed,
    ).toMatchObject({ errno: "EINVAL" });
    expect((await outcome(dir.open, write(dir, "fifo"))).failed).toMatchObject({ errno: "ENXIO" });
  });
});

describe.skipIf(skipped !== "")(`replacing${skipped}`, () => {
  const olds: Readonly<Record<string, (path: string, dir: ReturnType<typeof jail>) => void>> = {
    "a file": (path) => writeFileSync(path, "old"),
    "a full directory": (path) => {
      mkdirSync(join(path, "deep/er"), { recursive: true });
      writeFileSync(join(path, "deep/er/file"), "old");
    },
    "a link to a directory outside": (path, dir) => symlinkSync(dir.outside(""), path),
    "a link to nothing": (path) => symlinkSync("nothing", path),
    "a fifo": (path) => void execFileSync("mkfifo", [path]),
  };
  const news: Readonly<Record<string, (dir: Scratch) => readonly [Step, (path: string) => boolean]>> = {
    directory: ({ root: at }) => [
      step("mkdir", { at, path: "x", mode: 0o755, flags: ["replace"] }, "make"),
      (path) => lstatSync(path).isDirectory() && readdirSync(path).length === 0,
    ],
    file: ({ root: at }) => [
      step("create", { at, path: "x", mode: 0o644, flags: ["replace"], out: a }, "make"),
      (path) => lstatSync(path).isFile() && lstatSync(path).size === 0,
    ],
    link: ({ root: at }) => [
      step("symlink", { at, path: "x", target: "etc", flags: ["replace"] }, "make"),
      (path) => readlinkSync(path) === "etc",
    ],
    "hard link": ({ root: at }) => [
      step("link", { at, path: "x", existing: "etc/passwd", flags: ["replace"] }, "make"),
      (path) => lstatSync(path).nlink === 2,
    ],
    node: ({ root: at }) => [
      step("mknod", { at, path: "x", mode: 0o010644, major: 0, minor: 0, flags: ["replace"] }, "make"),
      (path) => lstatSync(path).isFIFO(),
    ],
  };

  for (const [old, prepare] of Object.entries(olds)) {
    test.for(Object.entries(news))(`a %s replaces ${old} only when told to`, async ([, make]) => {
      using dir = jail();
      prepare(dir.inside("x"), dir);
      const [made, isThere] = make(dir);
      const plain = { ...made, args: { ...made.args, flags: [] } } as Step;
      expect((await outcome(dir.open, plain)).failed).toMatchObject({ errno: "EEXIST", hint: "x" });
      expect((await outcome(dir.open, made)).failed).toBeUndefined();
      expect(isThere(dir.inside("x"))).toBe(true);
      expect(readdirSync(dir.outside(""))).toEqual(["secret"]);
    });
  }

  test("mkdir keeps an existing directory where it is told to, but neither a file nor a link to one", async () => {
    using dir = jail();
    const keep = (path: string): Step =>
      step("mkdir", { at: dir.root, path, mode: 0o700, flags: ["replace", "keepDirectory"] }, "make");
    symlinkSync("etc", dir.inside("link"));
    writeFileSync(dir.inside("file"), "");
    expect((await outcome(dir.open, keep("etc"), keep("link"), keep("file"))).failed).toBeUndefined();
    expect(readdirSync(dir.inside("etc"))).toEqual(["passwd"]);
    expect([lstatSync(dir.inside("link")).isDirectory(), lstatSync(dir.inside("file")).isDirectory()]).toEqual([
      true,
      true,
    ]);
  });

  test("a mount point is not replaced", async () => {
    using dir = jail();
    const { failed } = await outcomeApart([
      dir.open,
      step("newFileSystem", { type: "tmpfs", options: [], out: a }, "make"),
      step("moveMount", { mount: a, at: dir.root, path: "tmp" }, "attach"),
      step("create", { at: dir.root, path: "tmp", mode: 0o644, flags: ["replace"], out: slot("b") }, "replace"),
    ]);
    expect(failed).toMatchObject({ op: "create", errno: "EXDEV" });
  });
});

describe.skipIf(skipped !== "")(`removeTree${skipped}`, () => {
  const remove = (dir: Scratch, path = "tmp"): Promise<Awaited<ReturnType<typeof outcome>>> =>
    outcome(dir.open, step("removeTree", { at: dir.root, path }, "remove"));

  test("removeTree removes a tree of depth 3,000", async () => {
    using dir = jail();
    let bottom = dir.inside("tmp");
    for (let level = 0; level < 3000; level++) {
      mkdirSync(join(bottom, "d"));
      writeFileSync(join(bottom, "f"), "");
      bottom = join(bottom, "d");
      if (level % 500 === 499) {
        // A path has at most 4,096 bytes: what is there so far goes beneath a new top.
        mkdirSync(dir.inside("new"));
        renameSync(dir.inside("tmp"), dir.inside("new/d"));
        renameSync(dir.inside("new"), dir.inside("tmp"));
        bottom = dir.inside("tmp/side");
        mkdirSync(bottom);
      }
    }
    expect((await remove(dir)).failed).toBeUndefined();
    expect(existsSync(dir.inside("tmp"))).toBe(false);
  });

  test("removeTree removes 10,000 names in one directory, all kinds, read-only ones, too", async () => {
    using dir = jail();
    for (let index = 0; index < 10_000; index++) writeFileSync(dir.inside(`tmp/${"n".repeat(100)}${index}`), "");
    mkdirSync(dir.inside("tmp/closed/in"), { recursive: true });
    execFileSync("mkfifo", [dir.inside("tmp/fifo")]);
    execFileSync("chmod", ["0", dir.inside("tmp/closed")]);
    expect((await remove(dir)).failed).toBeUndefined();
    expect(existsSync(dir.inside("tmp"))).toBe(false);
  });

  test("removeTree follows no link", async () => {
    using dir = jail();
    symlinkSync(dir.outside(""), dir.inside("tmp/directory"));
    symlinkSync(dir.outside("secret"), dir.inside("tmp/file"));
    symlinkSync("../../../../../../..", dir.inside("tmp/up"));
    symlinkSync(".", dir.inside("tmp/self"));
    expect((await remove(dir)).failed).toBeUndefined();
    expect(readFileSync(dir.outside("secret"), "utf8")).toBe("secret");
    symlinkSync(dir.outside(""), dir.inside("tmp"));
    expect((await remove(dir)).failed).toBeUndefined();
    expect(readdirSync(dir.outside(""))).toEqual(["secret"]);
  });

  test("removeTree stops at a mount and leaves what is in it", async () => {
    using dir = jail();
    mkdirSync(dir.inside("tmp/deep/mount"), { recursive: true });
    const outside = slot("outside");
    const bind = [
      dir.open,
      step("openTree", { path: dir.outside(""), out: outside }, "clone"),
      step("moveMount", { mount: outside, at: dir.root, path: "tmp/deep/mount" }, "bind"),
    ];
    const inside = await outcomeApart([...bind, step("removeTree", { at: dir.root, path: "tmp" }, "remove")]);
    expect(inside.failed).toMatchObject({ op: "removeTree", errno: "EXDEV", hint: "mount" });
    const itself = await outcomeApart([
      ...bind,
      step("removeTree", { at: dir.root, path: "tmp/deep/mount" }, "remove"),
    ]);
    expect(itself.failed).toMatchObject({ op: "removeTree", errno: "EXDEV" });
    expect(readFileSync(dir.outside("secret"), "utf8")).toBe("secret");
  });

  test("removeTree says which name it could not remove", async () => {
    using dir = jail();
    writeFileSync(dir.inside("tmp/fixed"), "");
    try {
      execFileSync("chattr", ["+i", dir.inside("tmp/fixed")], { stdio: "ignore" });
    } catch {
      return; // this file system has no such attribute
    }
    try {
      expect((await remove(dir)).failed).toMatchObject({ errno: "EPERM", hint: "fixed" });
      expect((await remove(dir, "tmp/fixed")).failed).toMatchObject({ errno: "EPERM", hint: "tmp/fixed" });
    } finally {
      execFileSync("chattr", ["-i", dir.inside("tmp/fixed")]);
    }
  });
});
