import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errnos, lane, mark, type OperationName, operations, type Step, slot } from "@galley/plan";
import { afterAll, describe, expect, test } from "vitest";
import { denying } from "./testing/filter.ts";
import { apart, type Outcome, outcome, outcomeApart, type Scratch, scratch, skipped, step } from "./testing/host.ts";

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
const [a, b] = [slot("a"), slot("b")];
const nobody = step("ids", { uid: 65534, gid: 65534 }, "become nobody");
const withoutCapabilities = step("capabilities", { effective: 0, permitted: 0, inheritable: 0 }, "give up all capabilities");
const openSelf = step("openProcess", { pid: process.pid, startTicks: 0, out: a }, "open the test's process");
/** From here on a system call fails with EIO. */
const without = (call: string): Step[] => [
  step("noNewPrivileges", {}, "gain nothing"),
  step("seccomp", { program: denying(call, errnos.EIO) }, `let ${call} fail`),
];
const make = (path: string, out = a) => (bench: Bench): Step => step("create", { at: bench.dir.root, path, mode: 0o644, out }, `create ${path}`);
const tmpfs = (out = a): Step => step("newFileSystem", { type: "tmpfs", options: ["mode=755"], out }, "make a tmpfs");
const inStatus = (name: string, content: string | undefined): string | undefined => new RegExp(`^${name}:\\s*(.*)$`, "m").exec(content ?? "")?.[1];

const trials: readonly Trial[] = [
  {
    op: "clone",
    works: () => [step("clone", { lane: lane("child", []), namespaces: ["uts", "ipc", "network", "cgroup", "pid", "user"], pidfd: a }, "clone"), step("signal", { process: a, signal: 0 }, "is it there?")],
    fails: ({ dir }) => [step("clone", { lane: lane("child", []), namespaces: [], cgroup: dir.root }, "clone into no cgroup")],
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
      const done = mark("done");
      const child = lane("child", [step("await", { mark: done }, "wait")]);
      return [step("clone", { lane: child, namespaces: [] }, "clone"), step("tell", { mark: done }, "tell"), step("finished", { lane: child }, "wait")];
    },
    fails: () => {
      const done = mark("done");
      const child = lane("child", []);
      const never = lane("never", [step("await", { mark: done }, "wait")]);
      const gone = lane("gone", [step("clone", { lane: never, namespaces: [] }, "clone a lane that dies with this one")]);
      return [step("clone", { lane: gone, namespaces: [] }, "clone"), step("clone", { lane: child, namespaces: [] }, "x"), step("finished", { lane: gone }, "wait"), step("tell", { mark: done }, "tell")];
    },
    failure: { errno: "EPIPE", hint: "the other lane ended" },
  },
  {
    op: "await",
    works: () => {
      const done = mark("done");
      const child = lane("child", [step("tell", { mark: done }, "tell")]);
      return [step("clone", { lane: child, namespaces: [] }, "clone"), step("await", { mark: done }, "await")];
    },
    fails: () => {
      const done = mark("done");
      const tells = lane("tells", [step("chdir", { path: "/" }, "x"), step("tell", { mark: done }, "never reached")]);
      const child = lane("child", [step("clone", { lane: tells, namespaces: [] }, "clone a lane that dies with this one")]);
      const stuck = mark("stuck");
      const waiting = lane("waiting", [step("await", { mark: stuck }, "wait for ever"), step("tell", { mark: done }, "tell")]);
      const holder = lane("holder", [step("clone", { lane: waiting, namespaces: [] }, "clone"), step("clone", { lane: lane("idle", [step("tell", { mark: stuck }, "x")]), namespaces: [] }, "x")]);
      void child;
      return [step("clone", { lane: holder, namespaces: [] }, "clone"), step("await", { mark: mark("alone") }, "x")].slice(0, 0).concat([
        step("clone", { lane: lane("silent", [step("umask", { mask: 0 }, "x"), step("await", { mark: stuck }, "x"), step("tell", { mark: done }, "x")]), namespaces: [] }, "x"),
      ]);
    },
    failure: { errno: "EPIPE", hint: "the other lane ended" },
  },
];
void [afterAll, describe, expect, test, apart, outcome, skipped, trials, status, b, without, tmpfs, inStatus, bytes, withoutCapabilities, existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync, join, scratch, operations];
