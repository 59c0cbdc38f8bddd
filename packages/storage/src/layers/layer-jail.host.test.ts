import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lane, mark, type Perform, type Slot, type Step, slot, stepper } from "@galley/plan";
import { compileSeccomp } from "@galley/seccomp";
import { platformOf } from "@galley/spec";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { performProblem } from "../testing/real-perform.ts";
import { jailerCapabilities, layerJail, layerSystemCalls } from "./layer-jail.ts";

const reason = performProblem() || (jailerCapabilities() === undefined ? "cannot mount" : "");
const step = stepper("test");
const filter = compileSeccomp(
  { defaultAction: "SCMP_ACT_ERRNO", syscalls: [{ names: [...layerSystemCalls], action: "SCMP_ACT_ALLOW" }] },
  platformOf(process.arch),
);

describe.skipIf(reason)(`layerJail()${reason && ` (skipped: ${reason})`}`, () => {
  let perform: Perform;
  let base = "";
  beforeAll(async () => {
    ({ perform } = await import("@galley/stage"));
  });
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), "galley-jail-"));
    mkdirSync(join(base, "staging/tree"), { recursive: true });
    mkdirSync(join(base, "staging/large"));
    writeFileSync(join(base, "outside"), "untouched");
  });
  afterEach(() => rmSync(base, { recursive: true }));

  /** Performs steps in the jail; what they fail with, or "done". */
  async function inJail(makeSteps: (tree: Slot, large: Slot) => Step[], filtered = true): Promise<string> {
    const [tree, large] = [slot("tree"), slot("large")];
    const places = [
      { path: join(base, "staging/tree"), slot: tree },
      { path: join(base, "staging/large"), slot: large },
    ];
    const jail = layerJail(places, filtered ? { filter } : {});
    const performance = perform({ title: "try", lane: lane("jailed", [...jail, step("receive", {}, "take steps")]) });
    performance.ended.catch(() => {});
    await performance.send(makeSteps(tree, large)).catch(() => {});
    performance.end();
    return performance.ended.then(
      () => "done",
      (error: Error) => error.message,
    );
  }

  test("lets the lane make all that a layer has, and move names between its directories", async () => {
    const made = await inJail((tree, large) => [
      step("mkdir", { at: tree, path: "d", mode: 0o700 }, "x"),
      step(
        "attributes",
        { at: tree, path: "d", set: ["owner", "mode", "times"], uid: 5, gid: 6, mode: 0o2755, seconds: -5 },
        "x",
      ),
      step("xattr", { at: tree, path: "d", name: "trusted.overlay.opaque", value: Buffer.from("y") }, "x"),
      step("mknod", { at: tree, path: "null", mode: 0o020666, major: 1, minor: 3 }, "x"),
      step("attributes", { at: tree, path: "null", set: ["mode"], mode: 0o622 }, "x"),
      step("symlink", { at: tree, path: "l", target: "/d" }, "x"),
      step("create", { at: large, path: "0", mode: 0o600, out: slot("file") }, "x"),
      step("rename", { at: tree, path: "0", to: "l/f", from: large }, "x"),
      step("link", { at: tree, path: "h", existing: "d/f" }, "x"),
      step("syncFileSystem", { slot: tree }, "x"),
    ]);
    expect(made).toBe("done");
    expect(readdirSync(join(base, "staging/tree"), { recursive: true }).sort()).toEqual(["d", "d/f", "h", "l", "null"]);
  });

  test("shows the lane no path of the host, and nothing to write to", async () => {
    const open = (path: string, flags: readonly ("read" | "directory" | "write")[]) =>
      inJail(() => [step("open", { path, flags, out: slot("x") }, "x")]);
    expect(await open(join(base, "outside"), ["read"])).toMatch(/ENOENT/);
    expect(await open("/etc", ["read", "directory"])).toMatch(/ENOENT/);
    expect(await open("/proc/sys", ["read", "directory"])).toMatch(/ENOENT/);
    expect(await open("/proc/1/root/etc", ["read", "directory"])).toMatch(/EACCES|ENOENT|EPERM/);
    expect(await inJail(() => [step("mkdir", { path: "/made", mode: 0o755 }, "x")])).toMatch(/EROFS/);
    expect(await inJail(() => [step("mkdir", { path: "/store/../../../made", mode: 0o755 }, "x")])).toMatch(/EROFS/);
    expect(readFileSync(join(base, "outside"), "utf8")).toBe("untouched");
    expect(readdirSync(base).sort()).toEqual(["outside", "staging"]);
  });

  test("lets the lane make devices but open none", async () => {
    const node = (tree: Slot) => [
      step("mknod", { at: tree, path: "null", mode: 0o020666, major: 1, minor: 3 }, "x"),
      step("open", { at: tree, path: "null", flags: ["read"], out: slot("x") }, "x"),
    ];
    expect(await inJail(node)).toMatch(/EACCES/);
  });

  test.for<[string, (tree: Slot) => Step]>([
    ["mounts", () => step("newFileSystem", { type: "tmpfs", options: [], attributes: [], out: slot("x") }, "x")],
    ["copies of mounts", () => step("openTree", { path: "/", flags: [], out: slot("x") }, "x")],
    ["namespaces", () => step("unshare", { namespaces: ["mount"] }, "x")],
    ["another root", (tree) => step("chroot", { root: tree }, "x")],
    ["processes", () => step("openProcess", { pid: 1, startTicks: 0, out: slot("x") }, "x")],
    ["sessions", () => step("session", {}, "x")],
    ["other filters", () => step("seccomp", { program: filter }, "x")],
    ["sockets", (tree) => step("listen", { at: tree, name: "socket", mode: 0o600, out: slot("x") }, "x")],
    ["a host name", () => step("hostname", { name: "x" }, "x")],
    ["another user", () => step("ids", { uid: 5, gid: 5 }, "x")],
  ])("keeps the filtered lane from %s", async ([, wanted]) => {
    expect(await inJail((tree) => [wanted(tree)])).toMatch(/EPERM|ENOSYS/);
  });

  test("keeps the filtered lane from programs, even of its own tree", async () => {
    writeFileSync(join(base, "staging/tree/program"), "#!/bin/true\n", { mode: 0o755 });
    const exec = { candidates: ["/store/tree/program"], argv: ["program"], env: [], descriptors: [] };
    expect(await inJail(() => [step("exec", exec, "x")])).toMatch(/EPERM|EACCES|ENOSYS/);
    expect(await inJail(() => [step("exec", exec, "x")], false)).toMatch(/EACCES/);
  });

  test("leaves the lane the capabilities for files alone, and no way to others", async () => {
    const [ready, hold] = [mark("ready"), mark("hold")];
    const places = [{ path: join(base, "staging/tree"), slot: slot("tree") }];
    const steps = [...layerJail(places), step("tell", { mark: ready }, "ready"), step("await", { mark: hold }, "wait")];
    const performance = perform({ title: "look", lane: lane("jailed", steps) });
    await performance.told(ready);
    const status = readFileSync(`/proc/${performance.hostPid}/status`, "utf8");
    const mounts = readFileSync(`/proc/${performance.hostPid}/mountinfo`, "utf8").trim().split("\n");
    performance.tell(hold);
    await performance.ended;
    expect(/^CapEff:\s+0*(\w+)$/m.exec(status)?.[1]).toBe("8820001f");
    expect(/^CapPrm:\s+0*(\w+)$/m.exec(status)?.[1]).toBe("8820001f");
    expect(/^CapInh:\s+(\w+)$/m.exec(status)?.[1]).toMatch(/^0+$/);
    expect(/^NoNewPrivs:\s+(\d)$/m.exec(status)?.[1]).toBe("1");
    expect(
      mounts
        .map((mount) =>
          mount
            .split(" ")
            .slice(4, 6)
            .join(" ")
            .replace(/,?relatime/, ""),
        )
        .sort(),
    ).toEqual(["/ ro,nosuid,nodev,noexec", "/proc ro,nosuid,nodev,noexec", "/store rw,nosuid,nodev,noexec"]);
  });

  test("mounts nothing that the host sees", async () => {
    const before = readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .filter((mount) => mount.includes(base));
    expect(await inJail(() => [])).toBe("done");
    const after = readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .filter((mount) => mount.includes(base));
    expect([before, after]).toEqual([[], []]);
  });
});
