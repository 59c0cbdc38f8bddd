import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lane, mark, type Plan, type Step, slot } from "@galley/plan";
import { describe, expect, test } from "vitest";
import { outcome, outcomeApart, outcomeOf, perform, scratch, skipped, step, until } from "./testing/host.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);
const [a, b, c] = [slot("a"), slot("b"), slot("c")];
const planOf = (...steps: Step[]): Plan => ({ title: "test", lane: lane("host", steps) });

describe.skipIf(skipped !== "")(`absent slots${skipped}`, () => {
  const absent = step("open", { path: "/nowhere", flags: ["read"], out: a }, "open what is not there", {
    ok: ["ENOENT"],
  });

  test("a step whose errno is fine leaves its slot absent, and steps that name it are skipped", async () => {
    using dir = scratch();
    const { failed } = await outcome(
      dir.open,
      absent,
      step("data", { file: a, bytes: bytes("x") }, "skipped"),
      step("open", { at: a, path: "x", flags: ["read"], out: b }, "skipped, too"),
      step("mkdir", { at: b, path: "never", mode: 0o755 }, "and what follows from it"),
      step("close", { slot: a }, "skipped"),
      step("mkdir", { at: dir.root, path: "made", mode: 0o755 }, "performed"),
    );
    expect(failed).toBeUndefined();
    expect(existsSync(join(dir.path, "made"))).toBe(true);
  });

  test("an errno that is not among the fine ones fails the step", async () => {
    const { failed } = await outcome(
      step("open", { path: "/nowhere", flags: ["read"], out: a }, "open", { ok: ["EACCES", "EPERM"] }),
    );
    expect(failed).toMatchObject({ errno: "ENOENT", step: 1 });
  });

  test("a fine failure empties a slot that was filled before, and a skipped step leaves it", async () => {
    using dir = scratch();
    const create = step("create", { at: dir.root, path: "f", mode: 0o644, out: a }, "create");
    const { failed } = await outcome(
      dir.open,
      create,
      step("open", { at: b, path: "x", flags: ["read"], out: a }, "skipped: the slot keeps the file"),
      step("data", { file: a, bytes: bytes("kept") }, "fill"),
      { ...create, ok: ["EEXIST"] },
      step("data", { file: a, bytes: bytes(" not this") }, "skipped: absent now"),
      step("read", { at: dir.root, path: "f", limitBytes: 99 }, "read"),
    );
    expect(failed).toBeUndefined();
    expect(
      (await outcome(dir.open, step("read", { at: dir.root, path: "f", limitBytes: 99 }, "read"))).failed,
    ).toBeUndefined();
  });

  test("a mark tells that a slot is absent, so that the awaiting lane's slot is absent, too", async () => {
    const told = mark("told");
    const child = lane("child", [absent, step("tell", { mark: told, slot: a }, "tell")]);
    const { failed } = await outcome(
      step("clone", { lane: child, namespaces: [] }, "clone"),
      step("pipe", { read: b, write: c }, "fill the slot before"),
      step("await", { mark: told, slot: c }, "await"),
      step("data", { file: c, bytes: bytes("x") }, "skipped"),
      step("finished", { lane: child }, "wait"),
    );
    expect(failed).toBeUndefined();
  });

  test("a clone into an absent cgroup is skipped, and waiting for its lane fails", async () => {
    const child = lane("child", []);
    const { failed } = await outcome(
      absent,
      step("clone", { lane: child, namespaces: [], cgroup: a }, "skipped"),
      step("finished", { lane: child }, "wait"),
    );
    expect(failed).toMatchObject({ op: "finished", errno: "ECHILD" });
  });

  test("a slot may be read and filled by the same step", async () => {
    using dir = scratch();
    mkdirSync(join(dir.path, "deep/er"), { recursive: true });
    const at = dir.root;
    const { failed } = await outcome(
      dir.open,
      step("open", { at, path: "deep", flags: ["directory"], out: at }, "go down"),
      step("open", { at, path: "er", flags: ["directory"], out: at }, "go down"),
      step("mkdir", { at, path: "here", mode: 0o755 }, "make"),
    );
    expect(failed).toBeUndefined();
    expect(existsSync(join(dir.path, "deep/er/here"))).toBe(true);
  });
});

describe.skipIf(skipped !== "")(`marks${skipped}`, () => {
  test("marks carry descriptors up, down and between siblings", async () => {
    using dir = scratch();
    const [down, up, across, sibling] = [mark("down"), mark("up"), mark("across"), slot("sibling")];
    const first = lane("first", [
      step("await", { mark: down, slot: b }, "take the file"),
      step("data", { file: b, bytes: bytes("1") }, "write to it"),
      step("tell", { mark: across, slot: b }, "pass it on"),
    ]);
    const second = lane("second", [
      step("await", { mark: across, slot: sibling }, "take the file"),
      step("data", { file: sibling, bytes: bytes("2") }, "write to it"),
      step("tell", { mark: up, slot: sibling }, "hand it back"),
    ]);
    const read = step("read", { at: dir.root, path: "f", limitBytes: 99 }, "read");
    const { failed, content } = await outcome(
      dir.open,
      step("clone", { lane: first, namespaces: [] }, "clone"),
      step("clone", { lane: second, namespaces: ["pid", "mount"] }, "clone"),
      step("create", { at: dir.root, path: "f", mode: 0o644, out: a }, "create"),
      step("tell", { mark: down, slot: a }, "hand it down"),
      step("await", { mark: up, slot: c }, "take it back"),
      step("data", { file: c, bytes: bytes("3") }, "write to it"),
      read,
    );
    expect(failed).toBeUndefined();
    expect(content(read)).toBe("123");
  });

  test("marks reach a grandchild that is cloned later by another process", async () => {
    const [go, back] = [mark("go"), mark("back")];
    const grandchild = lane("grandchild", [step("await", { mark: go }, "wait"), step("tell", { mark: back }, "tell")]);
    const child = lane("child", [
      step("clone", { lane: grandchild, namespaces: [] }, "clone"),
      step("finished", { lane: grandchild }, "wait"),
    ]);
    const { failed } = await outcome(
      step("clone", { lane: child, namespaces: [] }, "clone"),
      step("tell", { mark: go }, "tell"),
      step("await", { mark: back }, "await"),
      step("finished", { lane: child }, "wait"),
    );
    expect(failed).toBeUndefined();
  });

  test("marks pass between lanes and TypeScript in both directions", async () => {
    const [ready, go, finished] = [mark("ready"), mark("go"), mark("finished")];
    const child = lane("child", [
      step("tell", { mark: ready }, "say that we are ready"),
      step("await", { mark: go }, "wait"),
      step("tell", { mark: finished }, "say it"),
    ]);
    const performance = perform(
      planOf(step("clone", { lane: child, namespaces: [] }, "clone"), step("finished", { lane: child }, "wait")),
    );
    await performance.told(ready);
    let over = false;
    const told = performance.told(finished).then(() => {
      over = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(over).toBe(false);
    performance.tell(go);
    await told;
    await performance.ended;
    await performance.told(ready); // again, after the end
  });

  test("marks that TypeScript tells out of order break the performance", async () => {
    const [first, second] = [mark("first"), mark("second")];
    const performance = perform(
      planOf(step("await", { mark: first }, "wait"), step("await", { mark: second }, "wait")),
    );
    performance.tell(second);
    await expect(performance.ended).rejects.toMatchObject({
      details: { op: "await", errno: "EBADMSG", hint: "another mark was told" },
    });
  });

  test("tell() refuses a mark that the plan does not have", async () => {
    const performance = perform(planOf());
    expect(() => performance.tell(mark("other"))).toThrow(
      expect.objectContaining({ kind: "invalid", code: "stage.unknown-mark" }),
    );
    await performance.ended;
  });

  test("told() and pid() of what is never reached reject when the performance ends", async () => {
    const [never, child] = [mark("never"), lane("child", [])];
    const performance = perform(planOf());
    await expect(performance.told(never)).rejects.toMatchObject({ code: "stage.not-reached" });
    await expect(performance.pid(child)).rejects.toMatchObject({ code: "stage.not-reached" });
  });
});

describe.skipIf(skipped !== "")(`failures${skipped}`, () => {
  test("the first cause is what the performance fails with, whatever follows from it", async () => {
    const [m1, m2] = [mark("m1"), mark("m2")];
    const cause = lane("cause", [
      step("umask", { mask: 0 }, "x"),
      step("mkdir", { path: "/nowhere/x", mode: 0 }, "break"),
      step("tell", { mark: m1 }, "never"),
    ]);
    const waits = lane("waits", [step("await", { mark: m1 }, "wait"), step("tell", { mark: m2 }, "never")]);
    for (let round = 0; round < 20; round++) {
      const { failed } = await outcome(
        step("clone", { lane: cause, namespaces: [] }, "clone"),
        step("clone", { lane: waits, namespaces: [] }, "clone"),
        step("await", { mark: m2 }, "wait"),
      );
      expect(failed).toMatchObject({ lane: "cause", step: 2, op: "mkdir", errno: "ENOENT", kind: "not-found" });
    }
  });

  test("lanes that fail at the same time give one error, which is one of theirs", async () => {
    const broken = Array.from({ length: 8 }, (_, index) =>
      lane(`l${index}`, [step("mkdir", { path: "/nowhere/x", mode: 0 }, "break")]),
    );
    for (let round = 0; round < 20; round++) {
      const { failed } = await outcome(
        ...broken.map((each) => step("clone", { lane: each, namespaces: [] }, "clone")),
        step("mkdir", { path: "/nowhere/y", mode: 0 }, "break as well"),
      );
      expect(failed).toMatchObject({ op: "mkdir", errno: "ENOENT" });
    }
  });

  test("a lane that is killed before it executes is noticed by who waits for it", async () => {
    const hold = mark("hold");
    const victim = lane("victim", [
      step("await", { mark: hold }, "wait for ever"),
      step("exec", { candidates: ["/bin/true"], argv: ["true"], env: [], descriptors: [] }, "run"),
    ]);
    const start = [
      step("clone", { lane: victim, namespaces: [], pidfd: a }, "start"),
      step("signal", { process: a, signal: 9 }, "kill"),
    ];
    const waiting = await outcome(...start, step("executed", { lane: victim }, "wait"));
    expect(waiting.failed).toMatchObject({ lane: "host", op: "executed", errno: "ECHILD", hint: "ended by signal 9" });
    const finished = await outcome(...start, step("finished", { lane: victim }, "wait"));
    expect(finished.failed).toMatchObject({ lane: "host", op: "finished", errno: "ECHILD", hint: "ended by signal 9" });
    const nobody = await outcome(...start, step("finished", { lane: victim }, "wait", { ok: ["ECHILD"] }));
    expect(nobody.failed).toMatchObject({ message: "lane victim ended before it executed its program" });
  });

  test("a host lane that is killed is no success, also when it was to become a program", async () => {
    const [hold, ready] = [mark("hold"), mark("ready")];
    const steps = [step("tell", { mark: ready }, "ready"), step("await", { mark: hold }, "wait for ever")];
    const exec = step("exec", { candidates: ["/bin/true"], argv: ["true"], env: [], descriptors: [] }, "run");
    for (const all of [steps, [...steps, exec]]) {
      const performance = perform(planOf(...all));
      await performance.told(ready);
      process.kill(performance.hostPid, "SIGKILL");
      await expect(performance.ended).rejects.toMatchObject({
        kind: "internal",
        message: expect.stringMatching(/ended by SIGKILL|ended before it executed/),
      });
    }
  });

  test("a program that fails after it was executed is no failure of the plan", async () => {
    const exec = step(
      "exec",
      { candidates: ["/bin/sh"], argv: ["sh", "-c", "kill -9 $$"], env: [], descriptors: [] },
      "run",
    );
    const child = lane("child", [exec]);
    expect((await outcome(exec)).failed).toBeUndefined();
    expect(
      (
        await outcome(
          step("clone", { lane: child, namespaces: [] }, "clone"),
          step("executed", { lane: child }, "wait"),
        )
      ).failed,
    ).toBeUndefined();
  });

  test("executed waits for the lane itself, not for what the lane has cloned", async () => {
    const hold = mark("hold");
    const grandchild = lane("grandchild", [step("outlive", {}, "stay"), step("await", { mark: hold }, "wait")]);
    const child = lane("child", [
      step("clone", { lane: grandchild, namespaces: [] }, "clone"),
      step("exec", { candidates: ["/bin/sleep"], argv: ["sleep", "5"], env: [], descriptors: [] }, "run"),
    ]);
    const reached = mark("reached");
    const performance = perform(
      planOf(
        step("clone", { lane: child, namespaces: [], pidfd: b }, "clone"),
        step("executed", { lane: child }, "wait"),
        step("tell", { mark: reached }, "tell"),
        step("signal", { process: b, signal: 9 }, "kill"),
      ),
    );
    await performance.told(reached);
    performance.tell(hold);
    await performance.ended;
  });

  test("a failed step in one namespace leaves nothing mounted on the host", async () => {
    using dir = scratch();
    const { failed } = await outcomeApart([
      dir.open,
      step("newFileSystem", { type: "tmpfs", options: [], out: a }, "make"),
      step("moveMount", { mount: a, at: dir.root, path: "" }, "attach"),
      step("mkdir", { path: "/nowhere/x", mode: 0 }, "break"),
    ]);
    expect(failed).toMatchObject({ op: "mkdir" });
    writeFileSync(join(dir.path, "visible"), "");
    expect(existsSync(join(dir.path, "visible"))).toBe(true);
  });
});

describe.skipIf(skipped !== "")(`perform()${skipped}`, () => {
  test("perform() tells the pid of a lane and of the host lane", async () => {
    const [ready, go] = [mark("ready"), mark("go")];
    const child = lane("child", [step("tell", { mark: ready }, "tell"), step("await", { mark: go }, "wait")]);
    const performance = perform(
      planOf(step("clone", { lane: child, namespaces: [] }, "clone"), step("finished", { lane: child }, "wait")),
    );
    const pid = await performance.pid(child);
    expect(existsSync(`/proc/${pid}/status`)).toBe(true);
    expect(existsSync(`/proc/${performance.hostPid}/status`)).toBe(true);
    await performance.told(ready);
    performance.tell(go);
    await performance.ended;
    expect(existsSync(`/proc/${pid}/status`)).toBe(false);
  });

  test("perform() collects a content of any length, and nothing for a step that was skipped or fine", async () => {
    using dir = scratch();
    const whole = Buffer.alloc(700_000, "0123456789");
    writeFileSync(join(dir.path, "large"), whole);
    writeFileSync(join(dir.path, "empty"), "");
    const read = (path: string, limitBytes = 1 << 20, fine = false): Step =>
      step("read", { at: dir.root, path, limitBytes }, "read", fine ? { ok: ["ENOENT"] } : {});
    const [large, part, empty, none, mounts] = [
      read("large"),
      read("large", 20_000),
      read("empty"),
      read("none", 9, true),
      step("read", { path: "/proc/kallsyms", limitBytes: 1 << 20 }, "read"),
    ];
    const { content, failed } = await outcome(dir.open, large, part, empty, none, mounts);
    expect(failed).toBeUndefined();
    expect(content(large)).toBe(whole.toString());
    expect(content(part)).toHaveLength(20_000);
    expect(content(empty)).toBe("");
    expect(content(none)).toBeUndefined();
    expect(content(mounts)).toHaveLength(1 << 20);
  });

  test("perform() keeps the reports of lanes apart that report much at the same time", async () => {
    using dir = scratch();
    const reads = Array.from({ length: 8 }, (_, index) => {
      writeFileSync(join(dir.path, `${index}`), Buffer.alloc(300_000, `${index}`));
      return step("read", { at: dir.root, path: `${index}`, limitBytes: 1 << 20 }, "read");
    });
    const lanes = reads.map((read, index) => lane(`l${index}`, [read]));
    const { content, failed } = await outcome(
      dir.open,
      ...lanes.map((each) => step("clone", { lane: each, namespaces: [] }, "clone")),
      ...lanes.map((each) => step("finished", { lane: each }, "wait")),
    );
    expect(failed).toBeUndefined();
    reads.forEach((read, index) => {
      expect(content(read)).toBe(`${index}`.repeat(300_000));
    });
  });

  test("perform() refuses a signal that is aborted already, before it starts anything", () => {
    expect(() => perform(planOf(), { signal: AbortSignal.abort("enough") })).toThrow(
      expect.objectContaining({ kind: "cancelled", cause: "enough" }),
    );
  });

  test("perform() that is aborted kills every lane and rejects as cancelled", async () => {
    const [ready, hold] = [mark("ready"), mark("hold")];
    const child = lane("child", [
      step("tell", { mark: ready }, "tell"),
      step("await", { mark: hold }, "wait for ever"),
    ]);
    const abort = new AbortController();
    const performance = perform(
      planOf(step("clone", { lane: child, namespaces: ["pid"] }, "clone"), step("finished", { lane: child }, "wait")),
      { signal: abort.signal },
    );
    const pid = await performance.pid(child);
    await performance.told(ready);
    abort.abort();
    await expect(performance.ended).rejects.toMatchObject({ kind: "cancelled", message: "test: cancelled" });
    await until(() => !existsSync(`/proc/${pid}`) && !existsSync(`/proc/${performance.hostPid}`));
  });

  test("perform() is over after its end: a late abort kills nobody", async () => {
    const abort = new AbortController();
    const exec = step("exec", { candidates: ["/bin/sleep"], argv: ["sleep", "0.2"], env: [], descriptors: [] }, "run");
    const performance = perform(planOf(step("outlive", {}, "stay"), exec), { signal: abort.signal });
    await performance.ended;
    abort.abort();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(existsSync(`/proc/${performance.hostPid}`)).toBe(true);
  });

  test("perform() hands over descriptors and pipes by index", async () => {
    const out = slot("out");
    const performance = perform(
      planOf(
        step("inherited", { descriptor: 6, out }, "take the pipe"),
        step("data", { file: out, bytes: bytes("hello") }, "write"),
      ),
      {
        inherit: ["ignore", "ignore", "ignore", "ignore", "ignore", "ignore", "pipe"],
      },
    );
    const chunks: Buffer[] = [];
    performance.streams.get(6)?.on("data", (chunk: Buffer) => chunks.push(chunk));
    await performance.ended;
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(Buffer.concat(chunks).toString()).toBe("hello");
    expect([...performance.streams.keys()]).toEqual([6]);
  });

  test("many performances at once do not disturb each other", async () => {
    using dir = scratch();
    const all = Array.from({ length: 40 }, (_, index) =>
      outcomeOf(planOf(dir.open, step("mkdir", { at: dir.root, path: `d${index % 20}`, mode: 0o755 }, "make"))),
    );
    const failed = (await Promise.all(all)).filter((each) => each.failed);
    expect(failed).toHaveLength(20);
    expect(failed.map((each) => each.failed?.message).filter((message) => !message?.includes("EEXIST"))).toEqual([]);
  });
});
