import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { lane, mark, type Plan, type Step, slot } from "@galley/plan";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createPerform } from "./perform.ts";
import { stagePath } from "./stage-path.ts";
import { outcome, outcomeApart, perform, scratch, skipped, step, until } from "./testing/host.ts";

const [a, b, c] = [slot("a"), slot("b"), slot("c")];
const planOf = (...steps: Step[]): Plan => ({ title: "test", lane: lane("host", steps) });
const isThere = (pid: number): boolean =>
  existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));

describe.skipIf(skipped !== "")(`death with the parent${skipped}`, () => {
  /** A Node process that performs lanes which wait for ever, prints their pids, and is killed. */
  async function killedParent(imports: string, plan: string): Promise<number[]> {
    const script = `
      import { lane, mark, slot, stepper } from "@galley/plan";
      import { perform } from "@galley/stage";
      const step = stepper("test");
      const wait = (name) => step("await", { mark: mark(name) }, "wait for ever");
      ${imports}
      const { lanes, host, told } = ${plan};
      const performance = perform({ title: "x", lane: host });
      const pids = await Promise.all(lanes.map((each) => performance.pid(each)));
      await Promise.all(told.map((each) => performance.told(each)));
      console.log(JSON.stringify([performance.hostPid, ...pids]));
      setInterval(() => {}, 1000);
    `;
    const parent = spawn(process.execPath, ["--conditions=@galley/source", "--input-type=module", "-e", script], {
      cwd: new URL("..", import.meta.url),
      stdio: ["ignore", "pipe", "inherit"],
    });
    const line = await new Promise<string>((resolve) =>
      parent.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString())),
    );
    const pids = JSON.parse(line) as number[];
    expect(pids.map(isThere)).not.toContain(false);
    parent.kill("SIGKILL");
    return pids;
  }

  test("kill -9 of the caller ends every lane, in whatever namespaces, whatever ids and capabilities it has", async () => {
    const pids = await killedParent(
      `const ready = [mark("r1"), mark("r2"), mark("r3")];
       const [m1, m2, m3] = [mark("m1"), mark("m2"), mark("m3")];
       const deep = lane("deep", [step("ids", { uid: 65534, gid: 65534 }, "x"), step("tell", { mark: ready[0] }, "x"), step("await", { mark: m1 }, "x")]);
       const child = lane("child", [step("clone", { lane: deep, namespaces: ["uts"] }, "x"), step("capabilities", { effective: 0, permitted: 0, inheritable: 0 }, "x"),
         step("tell", { mark: ready[1] }, "x"), step("await", { mark: m2 }, "x")]);
       const other = lane("other", [step("unshare", { namespaces: ["user"] }, "x"), step("session", {}, "x"), step("tell", { mark: ready[2] }, "x"), step("await", { mark: m3 }, "x")]);`,
      `{ lanes: [child, other], told: ready, host: lane("host", [step("clone", { lane: child, namespaces: ["pid", "mount", "network"] }, "x"),
         step("clone", { lane: other, namespaces: [] }, "x"), step("await", { mark: mark("never") }, "x"), step("tell", { mark: m1 }, "x"), step("tell", { mark: m2 }, "x"), step("tell", { mark: m3 }, "x")]) }`,
    );
    await until(() => !pids.some(isThere));
    const left = execFileSync("ps", ["-eo", "pid,ppid,stat,comm"], { encoding: "utf8" })
      .split("\n")
      .filter((each) => pids.some((pid) => each.includes(` ${pid} `) && !/ Z/.test(each)));
    expect(left).toEqual([]);
  });

  test("kill -9 of the caller spares a lane that says outlive, and only that", async () => {
    const pids = await killedParent(
      `const ready = mark("ready");
       const child = lane("child", [step("exec", { candidates: ["/bin/sleep"], argv: ["sleep", "30"], env: [], descriptors: [] }, "x")]);`,
      `{ lanes: [child], told: [ready], host: lane("host", [step("outlive", {}, "x"), step("clone", { lane: child, namespaces: [] }, "x"), step("executed", { lane: child }, "x"),
         step("tell", { mark: ready }, "x"), step("exec", { candidates: ["/bin/sleep"], argv: ["sleep", "30"], env: [], descriptors: [] }, "x")]) }`,
    );
    await delay(100);
    expect(pids.map(isThere)).toEqual([true, true]);
    process.kill(pids[0] as number, "SIGKILL"); // and the child's program dies with its parent
    await until(() => !pids.some(isThere));
  });

  test("kill -9 at any moment leaves no process and no mount", async () => {
    for (let delayMs = 0; delayMs < 12; delayMs++) {
      const hold = mark("hold");
      const lanes = Array.from({ length: 4 }, (_, index) =>
        lane(`l${index}`, [
          step("mountAttributes", { path: "/", propagation: ["private"], flags: ["recursive"] }, "x"),
          step("unshare", { namespaces: ["uts"] }, "x"),
        ]),
      );
      const performance = perform(
        planOf(
          ...lanes.map((each) => step("clone", { lane: each, namespaces: ["mount", "pid"] }, "x")),
          step("await", { mark: hold }, "x"),
        ),
      );
      await delay(delayMs / 2);
      process.kill(performance.hostPid, "SIGKILL");
      const pids = await Promise.allSettled(lanes.map((each) => performance.pid(each)));
      await performance.ended.catch(() => {});
      const known = pids.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
      await until(() => !known.some(isThere));
    }
  });
});

describe.skipIf(skipped !== "")(`the sealed copy${skipped}`, () => {
  test("a lane that enters a root goes on as a sealed memfd that nobody can write", async () => {
    using dir = scratch();
    const ready = mark("ready");
    const hold = mark("hold");
    const performance = perform(
      planOf(
        dir.open,
        step("chroot", { root: dir.root }, "enter"),
        step("tell", { mark: ready }, "ready"),
        step("await", { mark: hold }, "wait"),
      ),
    );
    await performance.told(ready);
    const exe = `/proc/${performance.hostPid}/exe`;
    expect(readlinkSync(exe)).toBe("/memfd:stage (deleted)");
    expect(readFileSync(exe).equals(readFileSync(stagePath()))).toBe(true);
    expect(() => writeFileSync(exe, "evil")).toThrow(/EPERM|ETXTBSY/);
    expect(() => execFileSync("truncate", ["-s", "0", exe], { stdio: "ignore" })).toThrow();
    performance.tell(hold);
    await performance.ended;
  });

  test("a plan that pivots and executes nothing does without: nobody else is where it goes", async () => {
    using dir = scratch();
    const [ready, hold, root] = [mark("ready"), mark("hold"), slot("root")];
    const performance = perform(
      planOf(
        step("unshare", { namespaces: ["mount"] }, "x"),
        step("mountAttributes", { path: "/", propagation: ["private"], flags: ["recursive"] }, "x"),
        step("newFileSystem", { type: "tmpfs", options: [], attributes: [], out: root }, "x"),
        step("moveMount", { mount: root, path: dir.path }, "x"),
        step("pivot", { root }, "x"),
        step("tell", { mark: ready }, "ready"),
        step("await", { mark: hold }, "wait"),
      ),
    );
    await performance.told(ready);
    expect(readlinkSync(`/proc/${performance.hostPid}/exe`)).toContain("stage");
    expect(readlinkSync(`/proc/${performance.hostPid}/exe`)).not.toContain("memfd");
    performance.tell(hold);
    await performance.ended;
  });

  test("the copy cannot be written either once its process has ended", async () => {
    using dir = scratch();
    const [ready, hold] = [mark("ready"), mark("hold")];
    const performance = perform(
      planOf(
        dir.open,
        step("chroot", { root: dir.root }, "enter"),
        step("tell", { mark: ready }, "ready"),
        step("await", { mark: hold }, "wait"),
      ),
    );
    await performance.told(ready);
    const held = openSync(`/proc/${performance.hostPid}/exe`, "r"); // as CVE-2019-5736 did, to wait for the end
    performance.tell(hold);
    await performance.ended;
    const again = openSync(`/proc/self/fd/${held}`, "r+"); // root may open it, but the seals stand
    expect(() => writeSync(again, "evil")).toThrow(/EPERM/);
    expect(() => ftruncateSync(again, 0)).toThrow(/EPERM/);
    closeSync(again);
    closeSync(held);
  });

  test("a lane that enters nothing is not copied", async () => {
    const [ready, hold] = [mark("ready"), mark("hold")];
    const performance = perform(planOf(step("tell", { mark: ready }, "ready"), step("await", { mark: hold }, "wait")));
    await performance.told(ready);
    expect(readlinkSync(`/proc/${performance.hostPid}/exe`)).toBe(stagePath());
    performance.tell(hold);
    await performance.ended;
  });

  test("a lane that enters a container cannot be traced or looked into by who runs in there", async () => {
    using dir = scratch();
    const [ready, hold] = [mark("ready"), mark("hold")];
    const child = lane("child", [
      step("chroot", { root: dir.root }, "enter"),
      step("ids", { uid: 65534, gid: 65534 }, "x"),
      step("tell", { mark: ready }, "ready"),
      step("await", { mark: hold }, "wait"),
    ]);
    const performance = perform(
      planOf(
        dir.open,
        step("clone", { lane: child, namespaces: [] }, "clone"),
        step("finished", { lane: child }, "wait"),
      ),
    );
    const pid = await performance.pid(child);
    await performance.told(ready);
    const asNobody = (...command: string[]): string =>
      execFileSync(
        "setpriv",
        ["--reuid", "65534", "--regid", "65534", "--clear-groups", "--inh-caps=-all", ...command],
        { encoding: "utf8", stdio: "pipe" },
      );
    expect(() => asNobody("readlink", `/proc/${pid}/exe`)).toThrow();
    expect(() => asNobody("cat", `/proc/${pid}/environ`)).toThrow(/Permission denied/);
    expect(() => asNobody("ls", `/proc/${pid}/fd`)).toThrow(/Permission denied/);
    performance.tell(hold);
    await performance.ended;
  });
});

describe.skipIf(skipped !== "")(`an ordinary user${skipped}`, () => {
  let directory = "";
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "galley-stage-user-"));
    chmodSync(directory, 0o755);
    copyFileSync(stagePath(), join(directory, "stage"));
    writeFileSync(
      join(directory, "as-nobody"),
      `#!/bin/sh\nexec setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all ${directory}/stage "$@"\n`,
    );
    for (const name of ["stage", "as-nobody"]) chmodSync(join(directory, name), 0o755);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  test("an ordinary user may write its own id maps and is root in a user namespace", async () => {
    const asUser = createPerform({ programPath: join(directory, "as-nobody") });
    const map = (name: string, text: string): Step =>
      step("write", { path: `/proc/self/${name}`, bytes: Buffer.from(text), flags: ["proc"] }, `write ${name}`);
    const read = step("read", { path: "/proc/self/status", limitBytes: 9999 }, "read");
    const child = lane("child", [
      map("setgroups", "deny"),
      map("uid_map", "0 65534 1"),
      map("gid_map", "0 65534 1"),
      step("ids", { uid: 0, gid: 0 }, "become root"),
      step(
        "mountAttributes",
        { path: "/", propagation: ["private"], flags: ["recursive"] },
        "keep mounts to ourselves",
      ),
      step("newFileSystem", { type: "tmpfs", options: [], out: a }, "mount"),
      read,
    ]);
    const performance = asUser(
      planOf(
        step("clone", { lane: child, namespaces: ["user", "mount", "pid", "uts"] }, "clone"),
        step("finished", { lane: child }, "wait"),
      ),
    );
    await performance.ended;
    expect(Buffer.from(performance.content(read) ?? []).toString()).toMatch(/^Uid:\t0\t0\t0\t0$/m);
  });

  test("an ordinary user is told what it may not do", async () => {
    const asUser = createPerform({ programPath: join(directory, "as-nobody") });
    await expect(asUser(planOf(step("hostname", { name: "x" }, "name"))).ended).rejects.toMatchObject({
      kind: "forbidden",
      details: { errno: "EPERM" },
    });
  });
});

describe.skipIf(skipped !== "")(`createPerform()${skipped}`, () => {
  test("createPerform() says that its program is not there, for plans that become a program, too", async () => {
    const none = createPerform({ programPath: "/nowhere/stage" });
    const exec = step("exec", { candidates: ["/bin/true"], argv: ["true"], env: [], descriptors: [] }, "run");
    for (const plan of [planOf(), planOf(exec)]) {
      const performance = none(plan);
      await expect(performance.ended).rejects.toMatchObject({
        kind: "unsupported",
        code: "stage.no-program",
        message: expect.stringContaining("cannot start /nowhere/stage"),
      });
      await expect(performance.pid(plan.lane)).rejects.toMatchObject({ code: "stage.no-program" });
    }
  });

  test("createPerform() notices a program that is another and says nothing", async () => {
    const other = createPerform({ programPath: "/bin/true" });
    const exec = step("exec", { candidates: ["/bin/true"], argv: ["true"], env: [], descriptors: [] }, "run");
    await expect(other(planOf(exec)).ended).rejects.toMatchObject({ code: "stage.lane-ended" });
    const failing = createPerform({ programPath: "/bin/false" });
    await expect(failing(planOf()).ended).rejects.toMatchObject({
      code: "stage.died",
      message: "stage ended with status 1 without a report",
    });
  });
});

describe.skipIf(skipped !== "")(`terminals${skipped}`, () => {
  test("a program has the terminal that was made for it, of the size that was asked for", async () => {
    using dir = scratch();
    mkdirSync(join(dir.path, "pts"));
    const [master, kept, opened] = [slot("master"), slot("kept"), mark("opened")];
    const child = lane("child", [
      step("mountAttributes", { path: "/", propagation: ["private"], flags: ["recursive"] }, "x"),
      step("newFileSystem", { type: "devpts", options: ["newinstance", "ptmxmode=0666"], out: a }, "make"),
      step("terminal", { at: a, path: "ptmx", rows: 31, columns: 97, master, peer: b }, "open"),
      step("session", {}, "leave"),
      step("controlTerminal", { terminal: b }, "control"),
      step("tell", { mark: opened, slot: master }, "hand over the master, whose last copy would hang up"),
      step(
        "exec",
        {
          candidates: ["/bin/sh"],
          argv: ["sh", "-c", "stty size </dev/tty >&3; tty -s && echo terminal >&3"],
          env: ["PATH=/bin:/usr/bin"],
          descriptors: [...[0, 1, 2].map((number) => ({ slot: b, number })), { slot: c, number: 3 }],
        },
        "run",
      ),
    ]);
    const host = [
      step("inherited", { descriptor: 5, out: c }, "take the pipe"),
      step("clone", { lane: child, namespaces: ["mount"] }, "clone"),
      step("close", { slot: c }, "leave the pipe to the child"),
      step("await", { mark: opened, slot: kept }, "keep the master"),
      step("finished", { lane: child }, "wait"),
    ];
    const performance = perform(planOf(...host), {
      inherit: ["ignore", "ignore", "ignore", "ignore", "ignore", "pipe"],
    });
    let output = "";
    performance.streams.get(5)?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    await performance.ended;
    await until(() => output.includes("terminal"));
    expect(output).toBe("31 97\nterminal\n");
  });
});

describe.skipIf(skipped !== "")(`filters${skipped}`, () => {
  test("a system call filter without noNewPrivileges needs the capability", async () => {
    const allow = Buffer.alloc(8);
    allow.writeUInt16LE(6, 0);
    allow.writeUInt32LE(0x7fff0000, 4);
    const filter = step("seccomp", { program: allow }, "filter");
    expect((await outcome(filter)).failed).toBeUndefined();
    const nobody = step("ids", { uid: 65534, gid: 65534 }, "become nobody");
    expect((await outcome(nobody, filter)).failed).toMatchObject({ op: "seccomp", errno: "EACCES", kind: "forbidden" });
    expect((await outcome(nobody, step("noNewPrivileges", {}, "x"), filter)).failed).toBeUndefined();
  });

  test("a device filter is attached to a group of cgroup v2, where there is one", async ({ skip }) => {
    const roots = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"].filter((root) => existsSync(join(root, "cgroup.procs")));
    const [root] = roots;
    if (!root) skip("no cgroup v2 here");
    const group = join(root as string, `galley-stage-${process.pid}`);
    mkdirSync(group);
    try {
      const denyAll = Uint8Array.of(0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0);
      const open = step("open", { path: group, flags: ["directory", "read"], out: a }, "open the group");
      const child = lane("child", [step("open", { path: "/dev/null", flags: ["read"], out: b }, "open a device")]);
      const { failed } = await outcome(
        open,
        step("deviceFilter", { cgroup: a, program: denyAll }, "deny all devices"),
        step("clone", { lane: child, namespaces: [], cgroup: a }, "clone into the group"),
        step("finished", { lane: child }, "wait"),
      );
      expect(failed).toMatchObject({ lane: "child", op: "open", errno: "EPERM" });
      const broken = await outcome(
        open,
        step("deviceFilter", { cgroup: a, program: new Uint8Array(16) }, "load nonsense"),
      );
      expect(broken.failed).toMatchObject({ op: "deviceFilter", errno: "EINVAL" });
      expect(
        (await outcome(open, step("deviceFilter", { cgroup: a, program: new Uint8Array(15) }, "load half of one")))
          .failed,
      ).toMatchObject({ errno: "EINVAL" });
    } finally {
      await until(() => {
        try {
          rmdirSync(group);
          return true;
        } catch {
          return false;
        }
      });
    }
  });

  test("netlink refuses messages that ask for no acknowledgement, or are cut off", async () => {
    const message = Buffer.alloc(32);
    message.writeUInt32LE(32, 0);
    message.writeUInt16LE(16, 4);
    message.writeUInt16LE(1, 6); // NLM_F_REQUEST only
    for (const messages of [
      message,
      message.subarray(0, 31),
      message.subarray(0, 7),
      Buffer.alloc(0),
      Buffer.alloc(16),
    ]) {
      expect((await outcomeApart([step("netlink", { messages }, "send")], ["network"])).failed).toMatchObject({
        op: "netlink",
        errno: "EINVAL",
      });
    }
  });
});

test.skipIf(skipped !== "")("the program needs no dynamic loader", () => {
  const program = readFileSync(stagePath()); // elf(5)
  const [at, size, count] = [Number(program.readBigUInt64LE(32)), program.readUInt16LE(54), program.readUInt16LE(56)];
  const types = Array.from({ length: count }, (_, index) => program.readUInt32LE(at + index * size));
  expect(types).toContain(1); // PT_LOAD
  expect(types).not.toContain(3); // PT_INTERP
});
