import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errnos, lane, mark, type OperationName, operations, type Step, slot } from "@galley/plan";
import { describe, expect, test } from "vitest";
import { denying } from "./testing/filter.ts";
import { type Outcome, outcomeApart, type Scratch, scratch, skipped, step } from "./testing/host.ts";

type Namespaces = Parameters<typeof outcomeApart>[1];

/** What there is to work with: a scratch directory, open in `dir.root`. */
interface Bench {
  readonly dir: Scratch;
  at(path: string): string;
}

/** One operation seen once to do its work and once to fail; the last step of each is the operation in question. */
interface Trial {
  readonly op: OperationName;
  readonly namespaces?: Namespaces;
  readonly works: (bench: Bench) => readonly Step[];
  /** Looked at when it has worked. */
  readonly shows?: (bench: Bench, outcome: Outcome, steps: readonly Step[]) => void;
  readonly fails?: (bench: Bench) => readonly Step[];
  readonly failure?: { readonly errno: string; readonly hint?: string | RegExp };
  /** Why it is not seen to fail. */
  readonly neverFails?: string;
}

const bytes = (text: string): Uint8Array => Buffer.from(text);
const status = step("read", { path: "/proc/self/status", limitBytes: 65536 }, "read our own status");
const mountinfo = step("read", { path: "/proc/self/mountinfo", limitBytes: 1 << 20 }, "read our mounts");
const [a, b, c] = [slot("a"), slot("b"), slot("c")];
const nobody = step("ids", { uid: 65534, gid: 65534 }, "become nobody");
const withoutCapabilities = step(
  "capabilities",
  { effective: 0, permitted: 0, inheritable: 0 },
  "give up all capabilities",
);
const openSelf = step("openProcess", { pid: process.pid, startTicks: 0, out: a }, "open the test's process");
/** From here on a system call fails with EIO. */
const without = (call: string): Step[] => [
  step("noNewPrivileges", {}, "gain nothing"),
  step("seccomp", { program: denying(call, errnos.EIO) }, `let ${call} fail`),
];
const make =
  (path: string, out = a) =>
  (bench: Bench): Step =>
    step("create", { at: bench.dir.root, path, mode: 0o644, out }, `create ${path}`);
const tmpfs = (out = a): Step => step("newFileSystem", { type: "tmpfs", options: ["mode=755"], out }, "make a tmpfs");
/** BPF_PROG_TYPE_CGROUP_DEVICE: r0 = 1, exit. */
const allowDevices = Uint8Array.of(0xb7, 0, 0, 0, 1, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0);
const inStatus = (name: string, content: string | undefined): string | undefined =>
  new RegExp(`^${name}:\\s*(.*)$`, "m").exec(content ?? "")?.[1];

const hold = mark("hold"); // told by nobody
/** A lane that waits for ever at its first step and is killed there. */
const killed = (...steps: Step[]): Step[] => {
  const victim = lane("victim", [step("await", { mark: hold }, "wait for ever"), ...steps]);
  return [
    step("clone", { lane: victim, namespaces: [], pidfd: a }, "start the victim"),
    step("signal", { process: a, signal: 9 }, "kill the victim"),
    step("finished", { lane: victim }, "wait for the victim", { ok: ["ECHILD"] }),
  ];
};
const done = mark("done");
const devpts: Step[] = [
  step(
    "newFileSystem",
    { type: "devpts", options: ["newinstance", "ptmxmode=0666", "mode=620"], out: a },
    "make a devpts",
  ),
];
const terminal: Step[] = [
  ...devpts,
  step("terminal", { at: a, path: "ptmx", rows: 24, columns: 80, master: b, peer: c }, "open a terminal"),
];
/** NLMSG: RTM_NEWLINK that brings an interface up, asking for an acknowledgement (rtnetlink(7)). */
const linkUp = (index: number, flags = 5): Uint8Array => {
  const message = Buffer.alloc(32);
  message.writeUInt32LE(32, 0);
  message.writeUInt16LE(16, 4); // RTM_NEWLINK
  message.writeUInt16LE(flags, 6); // NLM_F_REQUEST | NLM_F_ACK
  message.writeInt32LE(index, 20);
  message.writeUInt32LE(1, 24); // IFF_UP
  message.writeUInt32LE(1, 28);
  return message;
};

const trials: readonly Trial[] = [
  {
    op: "clone",
    works: () => [
      step(
        "clone",
        { lane: lane("child", []), namespaces: ["uts", "ipc", "network", "cgroup", "pid", "user"], pidfd: a },
        "clone",
      ),
    ],
    fails: ({ dir }) => [
      step("clone", { lane: lane("child", []), namespaces: [], cgroup: dir.root }, "clone into no cgroup"),
    ],
    failure: { errno: "EBADF" },
  },
  {
    op: "unshare",
    works: () => [step("unshare", { namespaces: ["uts", "time"] }, "unshare")],
    fails: () => [nobody, step("unshare", { namespaces: ["uts"] }, "unshare")],
    failure: { errno: "EPERM" },
  },
  {
    op: "setns",
    works: () => [openSelf, step("setns", { target: a, namespaces: ["uts", "ipc"] }, "join")],
    fails: (bench) => [make("file")(bench), step("setns", { target: a, namespaces: ["uts"] }, "join")],
    failure: { errno: "EINVAL" },
  },
  {
    op: "tell",
    works: () => {
      const child = lane("child", [step("await", { mark: done }, "wait")]);
      return [step("clone", { lane: child, namespaces: [] }, "clone"), step("tell", { mark: done }, "tell")];
    },
    fails: () => [...killed(step("await", { mark: done }, "never reached")), step("tell", { mark: done }, "tell")],
    failure: { errno: "EPIPE", hint: "the other lane ended" },
  },
  {
    op: "await",
    works: () => {
      const child = lane("child", [step("tell", { mark: done }, "tell")]);
      return [step("clone", { lane: child, namespaces: [] }, "clone"), step("await", { mark: done }, "await")];
    },
    fails: () => [...killed(step("tell", { mark: done }, "never reached")), step("await", { mark: done }, "await")],
    failure: { errno: "EPIPE", hint: "the other lane ended" },
  },
  {
    op: "executed",
    works: () => {
      const child = lane("child", [
        step("exec", { candidates: ["/bin/true"], argv: ["true"], env: [], descriptors: [] }, "run"),
      ]);
      return [step("clone", { lane: child, namespaces: [] }, "clone"), step("executed", { lane: child }, "wait")];
    },
    fails: () => {
      const child = lane("child", []);
      return [step("clone", { lane: child, namespaces: [] }, "clone"), step("executed", { lane: child }, "wait")];
    },
    failure: { errno: "ECHILD", hint: "ended without executing a program" },
  },
  {
    op: "finished",
    works: () => {
      const child = lane("child", []);
      return [step("clone", { lane: child, namespaces: [] }, "clone"), step("finished", { lane: child }, "wait")];
    },
    fails: () => {
      const child = lane("child", [
        step("exec", { candidates: ["/bin/sh"], argv: ["sh", "-c", "exit 3"], env: [], descriptors: [] }, "run"),
      ]);
      return [step("clone", { lane: child, namespaces: [] }, "clone"), step("finished", { lane: child }, "wait")];
    },
    failure: { errno: "ECHILD", hint: "ended with status 3" },
  },
  {
    op: "exec",
    works: () => [step("exec", { candidates: ["/bin/true"], argv: ["true"], env: [], descriptors: [] }, "run")],
    fails: () => [step("exec", { candidates: ["/nowhere"], argv: ["x"], env: [], descriptors: [] }, "run")],
    failure: { errno: "ENOENT", hint: "/nowhere" },
  },
  {
    op: "outlive",
    works: () => [step("outlive", {}, "outlive")],
    fails: () => [...without("prctl"), step("outlive", {}, "outlive")],
    failure: { errno: "EIO" },
  },
  {
    op: "session",
    works: () => [step("session", {}, "leave")],
    fails: () => [step("session", {}, "leave"), step("session", {}, "leave again")],
    failure: { errno: "EPERM" },
  },
  {
    op: "openProcess",
    works: () => [
      step("openProcess", { pid: process.pid, startTicks: ownStartTicks(), out: a }, "open the test's process"),
      step("signal", { process: a, signal: 0 }, "is it there?"),
    ],
    fails: () => [step("openProcess", { pid: process.pid, startTicks: 1, out: a }, "open another process")],
    failure: { errno: "ESRCH" },
  },
  {
    op: "signal",
    works: () => [openSelf, step("signal", { process: a, signal: 0 }, "is it there?")],
    fails: () => [...killed(), step("signal", { process: a, signal: 0 }, "is it there?")],
    failure: { errno: "ESRCH" },
  },
  { op: "receive", works: () => [], neverFails: "has its own tests: receive.host.test.ts" },
  {
    op: "open",
    works: ({ dir }) => [
      step("open", { at: dir.root, path: "new", flags: ["write", "create", "exclusive"], mode: 0o640, out: a }, "open"),
    ],
    shows: ({ at }) => expect(statSync(at("new")).mode & 0o7777).toBe(0o640),
    fails: ({ dir }) => [step("open", { at: dir.root, path: "none/here", flags: ["read"], out: a }, "open")],
    failure: { errno: "ENOENT", hint: "none/here" },
  },
  {
    op: "close",
    works: (bench) => [make("file")(bench), step("close", { slot: a }, "close")],
    fails: (bench) => [make("file")(bench), ...without("close"), step("close", { slot: a }, "close")],
    failure: { errno: "EIO" },
  },
  {
    op: "pipe",
    works: () => [step("pipe", { read: a, write: b }, "pipe"), step("data", { file: b, bytes: bytes("x") }, "use it")],
    fails: () => [
      step("resourceLimit", { resource: 7, soft: 3, hard: 3 }, "allow three descriptors"),
      step("pipe", { read: a, write: b }, "pipe"),
    ],
    failure: { errno: "EMFILE" },
  },
  {
    op: "listen",
    works: ({ dir }) => [step("listen", { at: dir.root, name: "socket", mode: 0o600, out: a }, "listen")],
    shows: ({ at }) => expect(statSync(at("socket")).mode).toBe(0o140600),
    fails: ({ dir }) => [step("listen", { at: dir.root, name: "taken", mode: 0o600, out: a }, "listen")],
    failure: { errno: "EADDRINUSE", hint: "taken" },
  },
  {
    op: "inherited",
    works: () => [step("inherited", { descriptor: 0, out: a }, "take it")],
    fails: () => [step("inherited", { descriptor: 77, out: a }, "take it")],
    failure: { errno: "EBADF" },
  },
  {
    op: "lock",
    works: ({ dir }) => [step("lock", { slot: dir.root }, "lock it"), step("lock", { slot: dir.root }, "twice, too")],
    fails: ({ dir }) => [
      step("open", { at: dir.root, path: "taken", flags: ["pathOnly"], out: a }, "open without reading"),
      step("lock", { slot: a }, "lock it"),
    ],
    failure: { errno: "EBADF" },
  },
  {
    op: "terminal",
    works: () => [...terminal, step("data", { file: c, bytes: bytes("x") }, "write to it")],
    fails: () => [
      step("open", { path: "/dev", flags: ["pathOnly", "directory"], out: a }, "open /dev"),
      step("terminal", { at: a, path: "null", rows: 1, columns: 1, master: b, peer: c }, "open no terminal"),
    ],
    failure: { errno: "EXDEV", hint: "null" },
  },
  {
    op: "controlTerminal",
    works: () => [...terminal, step("session", {}, "leave"), step("controlTerminal", { terminal: c }, "control")],
    fails: () => [...terminal, step("controlTerminal", { terminal: c }, "control without a session")],
    failure: { errno: "EPERM" },
  },
  {
    op: "mkdir",
    works: ({ dir }) => [step("mkdir", { at: dir.root, path: "d", mode: 0o2751 }, "make")],
    shows: ({ at }) => expect(statSync(at("d")).mode & 0o7777).toBe(0o0751), // mkdir(2) ignores set-id bits
    fails: ({ dir }) => [step("mkdir", { at: dir.root, path: "taken", mode: 0o755 }, "make")],
    failure: { errno: "EEXIST", hint: "taken" },
  },
  {
    op: "symlink",
    works: ({ dir }) => [step("symlink", { at: dir.root, path: "l", target: "../any where" }, "link")],
    shows: ({ at }) => expect(readlinkSync(at("l"))).toBe("../any where"),
    fails: ({ dir }) => [step("symlink", { at: dir.root, path: "taken/x", target: "y" }, "link")],
    failure: { errno: "ENOTDIR", hint: "taken/x" },
  },
  {
    op: "link",
    works: ({ dir }) => [step("link", { at: dir.root, path: "l", existing: "taken" }, "link")],
    shows: ({ at }) => expect(statSync(at("l")).ino).toBe(statSync(at("taken")).ino),
    fails: ({ dir }) => [step("link", { at: dir.root, path: "l", existing: "none" }, "link")],
    failure: { errno: "ENOENT", hint: "none" },
  },
  {
    op: "mknod",
    works: ({ dir }) => [step("mknod", { at: dir.root, path: "zero", mode: 0o020666, major: 1, minor: 5 }, "make")],
    shows: ({ at }) => expect(statSync(at("zero"))).toMatchObject({ rdev: 0x105, mode: 0o020666 }),
    fails: ({ dir }) => [
      step("mknod", { at: dir.root, path: "d", mode: 0o040755, major: 0, minor: 0 }, "make a directory"),
    ],
    failure: { errno: "EPERM", hint: "d" },
  },
  {
    op: "create",
    works: ({ dir }) => [step("create", { at: dir.root, path: "f", mode: 0o4755, out: a }, "create")],
    shows: ({ at }) => expect(statSync(at("f"))).toMatchObject({ size: 0, mode: 0o104755 }),
    fails: ({ dir }) => [step("create", { at: dir.root, path: "taken", mode: 0o644, out: a }, "create")],
    failure: { errno: "EEXIST", hint: "taken" },
  },
  {
    op: "data",
    works: (bench) => [
      make("f")(bench),
      step("data", { file: a, bytes: bytes("one ") }, "fill"),
      step("data", { file: a, bytes: bytes("two") }, "fill"),
    ],
    shows: ({ at }) => expect(readFileSync(at("f"), "utf8")).toBe("one two"),
    fails: ({ dir }) => [step("data", { file: dir.root, bytes: bytes("x") }, "fill a directory")],
    failure: { errno: "EBADF" },
  },
  {
    op: "hole",
    works: (bench) => [
      make("f")(bench),
      step("hole", { file: a, sizeBytes: 1 << 20 }, "leave a hole"),
      step("data", { file: a, bytes: bytes("x") }, "fill"),
    ],
    shows: ({ at }) => {
      expect(statSync(at("f")).size).toBe((1 << 20) + 1);
      expect(statSync(at("f")).blocks * 512).toBeLessThan(1 << 20);
    },
    fails: (bench) => [make("f")(bench), step("hole", { file: a, sizeBytes: 1n << 63n }, "leave too large a hole")],
    failure: { errno: "EFBIG" },
  },
  {
    op: "attributes",
    works: (bench) => [
      make("f")(bench),
      step(
        "attributes",
        {
          at: bench.dir.root,
          path: "f",
          set: ["owner", "mode", "times"],
          uid: 12,
          gid: 34,
          mode: 0o4711,
          seconds: -10,
          nanoseconds: 5e8,
        },
        "set by name",
      ),
      step("symlink", { at: bench.dir.root, path: "l", target: "f" }, "link"),
      step(
        "attributes",
        { at: bench.dir.root, path: "l", set: ["owner", "times"], uid: 56, gid: 78, seconds: 99 },
        "set those of the link",
      ),
      step("attributes", { at: a, path: "", set: ["mode"], mode: 0o4755 }, "set by slot"),
    ],
    shows: ({ at }) => {
      expect(lstatSync(at("f"))).toMatchObject({ uid: 12, gid: 34, mode: 0o104755, mtimeMs: -9500 });
      expect(lstatSync(at("l"))).toMatchObject({ uid: 56, gid: 78, mtimeMs: 99_000 });
    },
    fails: ({ dir }) => [step("attributes", { at: dir.root, path: "none", set: ["mode"], mode: 0o644 }, "set")],
    failure: { errno: "ENOENT", hint: "none" },
  },
  {
    op: "xattr",
    works: (bench) => [
      make("f")(bench),
      step("xattr", { at: bench.dir.root, path: "f", name: "trusted.by-name", value: bytes("1") }, "set by name"),
      step("xattr", { at: a, path: "", name: "trusted.by-slot", value: Uint8Array.of(0, 1, 2) }, "set by slot"),
      step("symlink", { at: bench.dir.root, path: "l", target: "f" }, "link"),
      step("xattr", { at: bench.dir.root, path: "l", name: "trusted.link", value: bytes("") }, "set that of the link"),
    ],
    shows: ({ at }) => {
      expect(xattrsOf(at("f"))).toEqual({ "trusted.by-name": "31", "trusted.by-slot": "000102" });
      expect(xattrsOf(at("l"))).toEqual({ "trusted.link": "" });
    },
    fails: ({ dir }) => [step("xattr", { at: dir.root, path: "taken", name: "bogus.name", value: bytes("1") }, "set")],
    failure: { errno: "EOPNOTSUPP", hint: "taken" },
  },
  {
    op: "unlink",
    works: ({ dir }) => [
      step("mkdir", { at: dir.root, path: "d", mode: 0o755 }, "make"),
      step("unlink", { at: dir.root, path: "d", flags: ["directory"] }, "remove"),
      step("unlink", { at: dir.root, path: "taken" }, "remove"),
    ],
    shows: ({ at }) => expect([existsSync(at("d")), existsSync(at("taken"))]).toEqual([false, false]),
    fails: ({ dir }) => [
      step("mkdir", { at: dir.root, path: "d", mode: 0o755 }, "make"),
      step("unlink", { at: dir.root, path: "d" }, "remove"),
    ],
    failure: { errno: "EISDIR", hint: "d" },
  },
  {
    op: "removeTree",
    works: ({ dir }) => [
      step("mkdir", { at: dir.root, path: "d", mode: 0o755 }, "make"),
      step("symlink", { at: dir.root, path: "d/l", target: "../taken" }, "link"),
      step("removeTree", { at: dir.root, path: "d" }, "remove"),
    ],
    shows: ({ at }) => expect([existsSync(at("d")), existsSync(at("taken"))]).toEqual([false, true]),
    fails: ({ dir }) => [step("removeTree", { at: dir.root, path: "none" }, "remove")],
    failure: { errno: "ENOENT", hint: "none" },
  },
  {
    op: "rename",
    works: ({ dir }) => [step("rename", { at: dir.root, path: "taken", to: "moved" }, "rename")],
    shows: ({ at }) => expect([existsSync(at("taken")), existsSync(at("moved"))]).toEqual([false, true]),
    fails: (bench) => [make("f")(bench), step("rename", { at: bench.dir.root, path: "f", to: "taken" }, "rename")],
    failure: { errno: "EEXIST", hint: "taken" },
  },
  {
    op: "write",
    works: ({ dir }) => [
      step("write", { at: dir.root, path: "taken", bytes: bytes("new"), flags: ["truncate"] }, "write"),
      step("write", { path: "/proc/self/oom_score_adj", bytes: bytes("500"), flags: ["proc"] }, "write to proc"),
    ],
    shows: ({ at }) => expect(readFileSync(at("taken"), "utf8")).toBe("new"),
    fails: ({ dir }) => [
      step(
        "write",
        { at: dir.root, path: "taken", bytes: bytes("no"), flags: ["proc", "truncate"] },
        "write to a false proc",
      ),
    ],
    failure: { errno: "EXDEV", hint: "taken" },
  },
  {
    op: "syncFileSystem",
    works: ({ dir }) => [step("syncFileSystem", { slot: dir.root }, "flush")],
    fails: ({ dir }) => [
      step("open", { path: dir.path, flags: ["pathOnly"], out: a }, "open the name only"),
      step("syncFileSystem", { slot: a }, "flush"),
    ],
    failure: { errno: "EBADF" },
  },
  {
    op: "read",
    works: ({ dir }) => [step("read", { at: dir.root, path: "taken", limitBytes: 3 }, "read")],
    shows: (_bench, { content }, steps) => expect(content(steps.at(-1) as Step)).toBe("was"),
    fails: ({ dir }) => [step("read", { at: dir.root, path: "", limitBytes: 3 }, "read a directory")],
    failure: { errno: "EINVAL" },
  },
  {
    op: "chroot",
    works: ({ dir }) => [
      step("chroot", { root: dir.root }, "enter"),
      step("read", { path: "/taken", limitBytes: 99 }, "read"),
    ],
    shows: (_bench, { content }, steps) => expect(content(steps.at(-1) as Step)).toBe("was here"),
    fails: (bench) => [make("f")(bench), step("chroot", { root: a }, "enter a file")],
    failure: { errno: "ENOTDIR" },
  },
  {
    op: "newFileSystem",
    works: () => [
      step(
        "newFileSystem",
        { type: "tmpfs", options: ["size=1m", "mode=700"], attributes: ["noSuid", "readOnly"], out: a },
        "make",
      ),
    ],
    fails: () => [step("newFileSystem", { type: "tmpfs", options: ["size=1m", "colour=red"], out: a }, "make")],
    failure: { errno: "EINVAL", hint: /Unknown parameter 'colour'/ },
  },
  {
    op: "openTree",
    works: ({ dir }) => [step("openTree", { at: dir.root, path: "", flags: ["recursive"], out: a }, "clone")],
    fails: ({ dir }) => [step("openTree", { at: dir.root, path: "none", out: a }, "clone")],
    failure: { errno: "ENOENT", hint: "none" },
  },
  {
    op: "mountAttributes",
    works: ({ dir }) => [
      tmpfs(),
      step("mountAttributes", { at: a, path: "", set: ["readOnly", "noExec", "noAccessTime"] }, "set"),
      step("mountAttributes", { at: a, path: "", set: ["noDev"], clear: ["noExec", "noAccessTime"] }, "clear"),
      step("moveMount", { mount: a, at: dir.root, path: "dir" }, "attach"),
      mountinfo,
    ],
    shows: ({ dir }, { content }) =>
      expect(mountAt(`${dir.path}/dir`, content(mountinfo))).toMatch(/^ro,nodev,relatime /),
    fails: ({ dir }) => [
      step("mountAttributes", { at: dir.root, path: "taken", set: ["readOnly"] }, "set those of no mount"),
    ],
    failure: { errno: "EINVAL", hint: "taken" },
  },
  {
    op: "moveMount",
    works: ({ dir }) => [tmpfs(), step("moveMount", { mount: a, at: dir.root, path: "dir" }, "attach"), mountinfo],
    shows: ({ dir }, { content }) => expect(mountAt(`${dir.path}/dir`, content(mountinfo))).toMatch(/ - tmpfs /),
    fails: ({ dir }) => [step("moveMount", { mount: dir.root, at: dir.root, path: "dir" }, "attach no mount")],
    failure: { errno: "EINVAL", hint: "dir" },
  },
  {
    op: "pivot",
    works: ({ dir }) => [
      step("openTree", { at: dir.root, path: "", out: a }, "clone"),
      step("moveMount", { mount: a, at: dir.root, path: "dir" }, "attach"),
      step("pivot", { root: a }, "pivot"),
      step("read", { path: "/taken", limitBytes: 99 }, "read"),
    ],
    shows: (_bench, { content }, steps) => expect(content(steps.at(-1) as Step)).toBe("was here"),
    fails: ({ dir }) => [step("pivot", { root: dir.root }, "pivot into no mount")],
    failure: { errno: "EBUSY" },
  },
  {
    op: "unmount",
    works: ({ dir }) => [
      tmpfs(),
      step("moveMount", { mount: a, at: dir.root, path: "dir" }, "attach"),
      step("openTree", { at: dir.root, path: "taken", out: b }, "clone a file"),
      step("create", { at: dir.root, path: "over", mode: 0o600, out: c }, "make a file"),
      step("moveMount", { mount: b, at: dir.root, path: "over" }, "attach over a file"),
      step("unmount", { at: dir.root, path: "over" }, "detach"),
      step("unmount", { at: dir.root, path: "dir" }, "detach"),
      mountinfo,
    ],
    shows: ({ dir }, { content }) => expect(content(mountinfo)).not.toContain(dir.path),
    fails: ({ dir }) => [step("unmount", { at: dir.root, path: "dir" }, "detach no mount")],
    failure: { errno: "EINVAL", hint: "dir" },
  },
  {
    op: "hostname",
    namespaces: ["mount", "uts"],
    works: () => [
      step("hostname", { name: "galley-test" }, "name"),
      step("read", { path: "/proc/sys/kernel/hostname", limitBytes: 99 }, "read"),
    ],
    shows: (_bench, { content }, steps) => expect(content(steps.at(-1) as Step)).toBe("galley-test\n"),
    fails: () => [step("hostname", { name: "n".repeat(65) }, "name")],
    failure: { errno: "EINVAL" },
  },
  {
    op: "domainname",
    namespaces: ["mount", "uts"],
    works: () => [
      step("domainname", { name: "example" }, "name"),
      step("read", { path: "/proc/sys/kernel/domainname", limitBytes: 99 }, "read"),
    ],
    shows: (_bench, { content }, steps) => expect(content(steps.at(-1) as Step)).toBe("example\n"),
    fails: () => [nobody, step("domainname", { name: "example" }, "name")],
    failure: { errno: "EPERM" },
  },
  {
    op: "resourceLimit",
    works: () => [
      step("resourceLimit", { resource: 4, soft: 0, hard: 4096 }, "limit"),
      step("read", { path: "/proc/self/limits", limitBytes: 9999 }, "read"),
    ],
    shows: (_bench, { content }, steps) =>
      expect(content(steps.at(-1) as Step)).toMatch(/^Max core file size\s+0\s+4096\s+bytes/m),
    fails: () => [step("resourceLimit", { resource: 4, soft: 2, hard: 1 }, "limit")],
    failure: { errno: "EINVAL" },
  },
  {
    op: "groups",
    works: () => [step("groups", { gids: [4_000_000_000, 7, 5] }, "set"), status],
    shows: (_bench, { content }) => expect(inStatus("Groups", content(status))?.trim()).toBe("5 7 4000000000"),
    fails: () => [nobody, step("groups", { gids: [5] }, "set")],
    failure: { errno: "EPERM" },
  },
  {
    op: "ids",
    works: () => [step("ids", { uid: 1001, gid: 1002 }, "set"), status],
    shows: (_bench, { content }) => {
      expect(inStatus("Uid", content(status))).toBe("1001\t1001\t1001\t1001");
      expect(inStatus("Gid", content(status))).toBe("1002\t1002\t1002\t1002");
    },
    fails: () => [step("ids", { uid: 2 ** 32 - 1, gid: 0 }, "set what the kernel takes for: unchanged")],
    failure: { errno: "EINVAL" },
  },
  {
    op: "keepCapabilities",
    works: () => [step("keepCapabilities", {}, "keep"), nobody, status],
    shows: (_bench, { content }) => {
      expect(BigInt(`0x${inStatus("CapPrm", content(status))}`)).not.toBe(0n);
      expect(BigInt(`0x${inStatus("CapEff", content(status))}`)).toBe(0n);
    },
    fails: () => [...without("prctl"), step("keepCapabilities", {}, "keep")],
    failure: { errno: "EIO" },
  },
  {
    op: "boundingSet",
    works: () => [
      step("boundingSet", { mask: 0xff }, "drop"),
      withoutCapabilities,
      step("boundingSet", { mask: 0xf1 << 0 }, "drop nothing more", { ok: ["EPERM"] }),
      status,
    ],
    shows: (_bench, { content }) => expect(inStatus("CapBnd", content(status))).toBe("00000000000000ff"),
    fails: () => [withoutCapabilities, step("boundingSet", { mask: 0 }, "drop")],
    failure: { errno: "EPERM" },
  },
  {
    op: "capabilities",
    works: () => [step("capabilities", { effective: 1, permitted: 3, inheritable: 2n }, "set"), status],
    shows: (_bench, { content }) => {
      const sets = ["CapEff", "CapPrm", "CapInh"].map((name) => inStatus(name, content(status)));
      expect(sets).toEqual(["0000000000000001", "0000000000000003", "0000000000000002"]);
    },
    fails: () => [
      withoutCapabilities,
      step("capabilities", { effective: 1, permitted: 1, inheritable: 0 }, "take one back"),
    ],
    failure: { errno: "EPERM" },
  },
  {
    op: "ambientSet",
    works: () => [
      step("capabilities", { effective: 7, permitted: 7, inheritable: 7 }, "set"),
      step("ambientSet", { mask: 5 }, "set"),
      status,
    ],
    shows: (_bench, { content }) => expect(inStatus("CapAmb", content(status))).toBe("0000000000000005"),
    fails: () => [withoutCapabilities, step("ambientSet", { mask: 1 }, "set")],
    failure: { errno: "EPERM" },
  },
  {
    op: "noNewPrivileges",
    works: () => [step("noNewPrivileges", {}, "gain nothing"), status],
    shows: (_bench, { content }) => expect(inStatus("NoNewPrivs", content(status))).toBe("1"),
    fails: () => [...without("prctl"), step("noNewPrivileges", {}, "gain nothing")],
    failure: { errno: "EIO" },
  },
  {
    op: "seccomp",
    works: () => [step("seccomp", { program: denying("chmod", 1), flags: ["log"] }, "filter"), status],
    shows: (_bench, { content }) => expect(inStatus("Seccomp", content(status))).toBe("2"),
    fails: () => [step("seccomp", { program: new Uint8Array(7) }, "filter")],
    failure: { errno: "EINVAL" },
  },
  {
    op: "label",
    works: () => [step("label", { attribute: [], label: "nothing" }, "set none")],
    fails: () => [step("label", { attribute: ["exec"], label: "no such label" }, "label")],
    failure: { errno: "EINVAL", hint: "/proc/thread-self/attr/exec" },
  },
  {
    op: "umask",
    works: () => [step("umask", { mask: 0o7027 }, "mask"), status],
    shows: (_bench, { content }) => expect(inStatus("Umask", content(status))).toBe("0027"),
    neverFails: "umask(2) always succeeds",
  },
  {
    op: "chdir",
    works: ({ dir }) => [step("chdir", { at: dir.root, path: "dir" }, "go")],
    fails: ({ dir }) => [
      step("open", { path: "/", flags: ["pathOnly"], out: a }, "hold the host's root"),
      step("chroot", { root: dir.root }, "enter"),
      step("chdir", { at: a, path: "" }, "go out"),
    ],
    failure: { errno: "EXDEV" },
  },
  {
    op: "sessionKeyring",
    works: () => [
      step("sessionKeyring", { name: "galley-test" }, "join"),
      step("read", { path: "/proc/keys", limitBytes: 1 << 20 }, "read"),
    ],
    shows: (_bench, { content }, steps) => expect(content(steps.at(-1) as Step)).toContain("galley-test"),
    fails: () => [...without("keyctl"), step("sessionKeyring", { name: "galley-test" }, "join")],
    failure: { errno: "EIO" },
  },
  {
    op: "deviceFilter",
    works: () => [], // needs a cgroup: below
    fails: ({ dir }) => [step("deviceFilter", { cgroup: dir.root, program: allowDevices }, "attach to no cgroup")],
    failure: { errno: "EBADF" },
  },
  {
    op: "netlink",
    namespaces: ["mount", "network"],
    works: () => [
      step("netlink", { messages: linkUp(1) }, "bring loopback up"),
      step("read", { path: "/proc/thread-self/net/if_inet6", limitBytes: 999 }, "read"),
    ],
    shows: (_bench, { content }, steps) => expect(content(steps.at(-1) as Step)).toMatch(/ lo$/m),
    fails: () => [step("netlink", { messages: Buffer.concat([linkUp(1), linkUp(99)]) }, "bring nothing up")],
    failure: { errno: "ENODEV" },
  },
];

/** proc_pid_stat(5), field 22; the command before it may hold blanks. */
function ownStartTicks(): bigint {
  const stat = readFileSync("/proc/self/stat", "utf8");
  return BigInt(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? 0);
}

function xattrsOf(path: string): Record<string, string> {
  const dump = execFileSync("getfattr", ["-h", "-d", "-e", "hex", "-m", "-", "--absolute-names", path], {
    encoding: "utf8",
  });
  const pairs = dump.split("\n").flatMap((line) => (/^[a-z]/.test(line) ? [line.split("=0x")] : []));
  return Object.fromEntries(pairs.map(([name = "", value = ""]) => [name.replace(/=.*/, ""), value]));
}

/** mountinfo(5): attributes, then what follows the mount point. */
function mountAt(path: string, content: string | undefined): string | undefined {
  const line = content?.split("\n").find((each) => each.split(" ")[4] === path);
  return line?.split(" ").slice(5).join(" ");
}

function bench(): Bench & Disposable {
  const dir = scratch();
  writeFileSync(join(dir.path, "taken"), "was here");
  mkdirSync(join(dir.path, "dir"));
  return { dir, at: (path) => join(dir.path, path), [Symbol.dispose]: () => dir[Symbol.dispose]() };
}

const emptyBench = { dir: { root: slot("root") } as Scratch, at: String };

describe.skipIf(skipped !== "")(`every operation${skipped}`, () => {
  test("every operation of the table is tried here", () => {
    expect(trials.map(({ op }) => op).toSorted()).toEqual(Object.keys(operations).toSorted());
  });

  for (const { op, namespaces, works, shows } of trials.filter((trial) => trial.works(emptyBench).length > 0)) {
    test(`${op} does its work`, async () => {
      using given = bench();
      const steps = works(given);
      expect(steps.some((each) => each.op === op)).toBe(true);
      const outcome = await outcomeApart([given.dir.open, ...steps], namespaces);
      expect(outcome.failed).toBeUndefined();
      shows?.(given, outcome, steps);
    });
  }

  for (const { op, namespaces, fails, failure } of trials) {
    if (!fails || !failure) continue;
    test(`${op} that fails says lane, step, operation, package, errno and hint`, async () => {
      using given = bench();
      const steps = [given.dir.open, ...fails(given)];
      const { failed } = await outcomeApart(steps, namespaces);
      const last = steps.at(-1) as Step;
      expect(failed).toMatchObject({
        lane: "subject",
        step: steps.length + 1,
        op,
        by: "stage-test",
        why: last.why,
        errno: failure.errno,
      });
      expect(failed?.hint).toMatch(failure.hint ?? "");
      expect(failed?.message).toBe(
        `stage-test: ${last.why} (lane subject, step ${steps.length + 1}, ${op}): ${failure.errno}${failed?.hint ? `, ${failed.hint}` : ""}`,
      );
    });
  }

  test("an operation that never fails says why it has no failing trial", () => {
    for (const { fails, neverFails } of trials) expect(fails !== undefined || neverFails !== undefined).toBe(true);
  });
});
