import { createHash } from "node:crypto";
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { lane, mark, type Plan, type Slot, type Step, slot } from "@galley/plan";
import { describe, expect, test } from "vitest";
import { limits } from "./limits.ts";
import { perform, type Scratch, scratch, skipped, step } from "./testing/host.ts";

const receive = step("receive", {}, "perform what comes");
const planOf = (...steps: Step[]): Plan => ({ title: "test", lane: lane("host", steps) });
const start = (dir: Scratch, ...after: Step[]) => perform(planOf(dir.open, receive, ...after));

function file(root: Slot, path: string, ...contents: readonly Uint8Array[]): Step[] {
  const out = slot(path);
  return [
    step("create", { at: root, path, mode: 0o644, out }, `create ${path}`),
    ...contents.map((bytes) => step("data", { file: out, bytes }, `fill ${path}`)),
    step("close", { slot: out }, `close ${path}`),
  ];
}

/** Streamed files share one slot: there are only so many. */
function files(
  root: Slot,
  paths: readonly string[],
  content: (path: string) => Uint8Array,
  out = slot("file"),
): Step[] {
  return paths.flatMap((path) => [
    step("create", { at: root, path, mode: 0o644, out }, `create ${path}`),
    step("data", { file: out, bytes: content(path) }, `fill ${path}`),
    step("close", { slot: out }, `close ${path}`),
  ]);
}

describe.skipIf(skipped !== "")(`receive${skipped}`, () => {
  test("receive performs 20,000 small files in directories, then the steps that follow it", async () => {
    using dir = scratch();
    const performance = start(
      dir,
      step("mkdir", { at: dir.root, path: "afterwards", mode: 0o755 }, "make one more"),
      step("syncFileSystem", { slot: dir.root }, "flush"),
    );
    const out = slot("file");
    for (let directory = 0; directory < 200; directory++) {
      const steps: Step[] = [step("mkdir", { at: dir.root, path: `d${directory}`, mode: 0o755 }, "make")];
      for (let index = 0; index < 100; index++) {
        const path = `d${directory}/f${index}`;
        steps.push(
          step("create", { at: dir.root, path, mode: 0o640, out }, "create"),
          step("data", { file: out, bytes: Buffer.from(path) }, "fill"),
          step("attributes", { at: dir.root, path, set: ["owner", "times"], uid: 1, gid: 2, seconds: 1000 }, "set"),
          step("close", { slot: out }, "close"),
        );
      }
      await performance.send(steps);
    }
    performance.end();
    await performance.ended;
    expect(readdirSync(dir.path, { recursive: true })).toHaveLength(20_201);
    for (const path of ["d0/f0", "d99/f42", "d199/f99"]) {
      expect(readFileSync(join(dir.path, path), "utf8")).toBe(path);
      expect(statSync(join(dir.path, path))).toMatchObject({ uid: 1, gid: 2, mtimeMs: 1_000_000, mode: 0o100640 });
    }
    expect(existsSync(join(dir.path, "afterwards"))).toBe(true);
  });

  test("receive takes large data in constant memory, holding the sender back", async () => {
    using dir = scratch();
    const performance = start(dir);
    const [chunk, hash] = [Buffer.alloc(512 * 1024), createHash("sha256")];
    const out = slot("large");
    const before = process.memoryUsage().rss;
    await performance.send([step("create", { at: dir.root, path: "large", mode: 0o644, out }, "create")]);
    for (let index = 0; index < 400; index++) {
      chunk.fill(index);
      hash.update(chunk);
      await performance.send([step("data", { file: out, bytes: chunk }, "fill")]);
    }
    const rssOfStage = Number(
      /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${performance.hostPid}/status`, "utf8"))?.[1],
    );
    performance.end();
    await performance.ended;
    const written = createHash("sha256");
    for await (const part of createReadStream(join(dir.path, "large"))) written.update(part as Buffer);
    expect(written.digest("hex")).toBe(hash.digest("hex"));
    expect(rssOfStage).toBeLessThan(8 * 1024);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
  });

  test("send() resolves only when more can be taken", async () => {
    using dir = scratch();
    const go = mark("go");
    const performance = perform(planOf(dir.open, step("await", { mark: go }, "wait first"), receive));
    performance.tell(go);
    const out = slot("file");
    let sent = 0;
    const pause = new Promise((resolve) => setTimeout(resolve, 100));
    process.kill(performance.hostPid, "SIGSTOP");
    const sending = (async () => {
      for (let index = 0; index < 100; index++) {
        await performance.send(files(dir.root, [`f${index}`], () => new Uint8Array(100_000), out));
        sent = index + 1;
      }
    })();
    await pause;
    expect(sent).toBeLessThan(20);
    process.kill(performance.hostPid, "SIGCONT");
    await sending;
    performance.end();
    await performance.ended;
    expect(sent).toBe(100);
  });

  test("receive fails with what the step was, in the middle of many", async () => {
    using dir = scratch();
    const performance = start(dir);
    const paths = Array.from({ length: 3000 }, (_, index) => (index === 1500 ? "none/here" : `f${index}`));
    const sending = performance.send(files(dir.root, paths, () => new Uint8Array(100)));
    await expect(performance.ended).rejects.toMatchObject({
      kind: "not-found",
      message: "stage-test: create none/here (lane host, streamed step 4501, create): ENOENT, none/here",
      details: { op: "create", step: 4501, by: "stage-test", why: "create none/here" },
    });
    await sending.catch(() => {});
    expect([existsSync(join(dir.path, "f1499")), existsSync(join(dir.path, "f1501"))]).toEqual([true, false]);
    await expect(performance.send(file(dir.root, "late", new Uint8Array(5_000_00)))).rejects.toMatchObject({
      kind: "not-found",
    });
  });

  test("receive remembers of each step only so much, and says so of one that is too long ago", async () => {
    using dir = scratch();
    const performance = start(dir);
    process.kill(performance.hostPid, "SIGSTOP");
    const steps = [
      step("mkdir", { at: dir.root, path: "none/here", mode: 0o755 }, "make"),
      ...Array.from({ length: limits.sentSteps }, () => step("umask", { mask: 0 }, "mask")),
    ];
    const sending = performance.send(steps);
    process.kill(performance.hostPid, "SIGCONT");
    await expect(performance.ended).rejects.toMatchObject({
      message: "stage: perform a streamed step (lane host, streamed step 1, mkdir): ENOENT, none/here",
    });
    await sending.catch(() => {});
  });

  test("send() refuses a step that cannot be encoded, and the stream goes on without it", async () => {
    using dir = scratch();
    const performance = start(dir);
    await expect(
      performance.send([step("mkdir", { at: dir.root, path: "a\0b", mode: 0o755 }, "make")]),
    ).rejects.toMatchObject({ kind: "invalid" });
    await expect(performance.send([receive])).rejects.toMatchObject({ message: "receive: cannot be streamed" });
    await performance.send(file(dir.root, "good", Buffer.from("yes")));
    performance.end();
    await performance.ended;
    expect(readFileSync(join(dir.path, "good"), "utf8")).toBe("yes");
  });

  test("a lane may receive twice; streamed steps are counted on", async () => {
    using dir = scratch();
    const between = mark("between");
    const performance = perform(planOf(dir.open, receive, step("tell", { mark: between }, "tell"), receive));
    await performance.send([step("mkdir", { at: dir.root, path: "a", mode: 0o755 }, "make a")]);
    performance.end();
    await performance.told(between);
    await performance.send([
      step("mkdir", { at: dir.root, path: "a/b", mode: 0o755 }, "make a/b"),
      step("mkdir", { at: dir.root, path: "a", mode: 0o755 }, "make a again"),
    ]);
    await expect(performance.ended).rejects.toMatchObject({
      message: expect.stringContaining("make a again (lane host, streamed step 3, mkdir): EEXIST"),
    });
  });

  test("a child lane may receive, in a root of its own", async () => {
    using dir = scratch();
    const child = lane("child", [step("chroot", { root: dir.root }, "enter"), receive]);
    const performance = perform(
      planOf(
        dir.open,
        step("clone", { lane: child, namespaces: ["mount"] }, "clone"),
        step("finished", { lane: child }, "wait"),
      ),
    );
    await performance.send([
      step("mkdir", { path: "/a", mode: 0o755 }, "make"),
      ...file(dir.root, "a/f", Buffer.from("in")),
      step(
        "xattr",
        { at: dir.root, path: "a/f", name: "trusted.x", value: Buffer.from("1") },
        "needs no proc in there",
      ),
    ]);
    performance.end();
    await performance.ended;
    expect(readFileSync(join(dir.path, "a/f"), "utf8")).toBe("in");
  });

  test("receive ends with its caller", async () => {
    using dir = scratch();
    const performance = start(dir);
    await performance.send(file(dir.root, "f", Buffer.from("x")));
    process.kill(performance.hostPid, "SIGKILL");
    await expect(performance.ended).rejects.toMatchObject({ message: expect.stringContaining("SIGKILL") });
  });
});
