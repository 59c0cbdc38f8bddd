import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { startChild } from "../testing/child.ts";
import { scratch } from "../testing/scratch.ts";
import { openRecords } from "./open-records.ts";

const processes = 16;
const operations = 50;

describe("openRecords() among processes", () => {
  test(`lets ${processes} processes make the database and write ${operations} times each, losing nothing`, {
    timeout: 120_000,
  }, async () => {
    const path = `${await scratch()}/records.db`;
    const code = `
      import { openRecords } from "./records/open-records.ts";
      const [, path, me] = process.argv;
      const records = openRecords(path);
      const counters = records.collection("counters");
      const own = records.collection("own");
      for (let turn = 0; turn < ${operations}; turn += 1) {
        records.transaction(() => {
          const found = counters.get("all");
          counters.put("all", { count: (found?.value.count ?? 0) + 1 });
        }, { durable: turn % 10 === 0 });
        own.put(me + "-" + turn, { turn }, { names: ["n" + me + "-" + turn], ifVersion: 0 });
        if (own.getByName("n" + me + "-" + turn)?.value.turn !== turn) throw new Error("lost");
        if (turn % 7 === 0) records.close();
      }
      records.close();`;
    const children = Array.from({ length: processes }, (_, me) => startChild(code, path, String(me)));
    for (const child of children) expect(await child.ended, child.output()).toBe(0);
    const records = openRecords(path);
    expect(records.collection<{ count: number }>("counters").get("all")?.value.count).toBe(processes * operations);
    expect(records.collection("own").list()).toHaveLength(processes * operations);
    records.close();
  });

  test("lets one of two have a name", async () => {
    const path = `${await scratch()}/records.db`;
    const code = `
      import { openRecords } from "./records/open-records.ts";
      const all = openRecords(process.argv[1]).collection("things");
      try { all.put(process.argv[2], {}, { names: ["web"], ifVersion: 0 }); console.log("won"); }
      catch (error) { console.log(error.code, error.details.key); }`;
    const children = ["a", "b", "c", "d"].map((key) => startChild(code, path, key));
    for (const child of children) await child.ended;
    const said = children.map((child) => child.output().trim()).sort();
    expect(said.filter((text) => text === "won")).toHaveLength(1);
    expect(new Set(said.filter((text) => text !== "won")).size).toBe(1);
    expect(said[0]).toMatch(/^storage.name-in-use [a-d]$/);
  });

  test("reads while another process holds a write transaction open", async () => {
    const path = `${await scratch()}/records.db`;
    const records = openRecords(path);
    const all = records.collection<{ color: string }>("things");
    all.put("k", { color: "red" });
    const child = startChild(
      `import { openRecords } from "./records/open-records.ts";
       const records = openRecords(process.argv[1]);
       records.transaction(() => {
         records.collection("things").put("k", { color: "blue" });
         console.log("inside");
         Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600_000);
       });`,
      path,
    );
    await child.printed("inside");
    const start = performance.now();
    expect(all.get("k")?.value.color).toBe("red");
    expect(performance.now() - start).toBeLessThan(100);
    child.process.kill("SIGKILL");
    await child.ended;
    expect(all.put("k", { color: "green" }).version, "the lock died with its process").toBe(2);
  });
});

const cannotMount = mountProblem();

function mountProblem(): string {
  try {
    execFileSync("unshare", ["--mount", "true"], { stdio: "ignore" });
    return "";
  } catch {
    return "no private mounts without root";
  }
}

describe.skipIf(cannotMount)(
  `openRecords() on a file system that takes no writes${cannotMount && ` (skipped: ${cannotMount})`}`,
  () => {
    const inMounts = (prepare: string) => {
      const read = `import { openRecords } from "./records/open-records.ts";
      const all = openRecords("/mnt/store/records.db").collection("things");
      console.log(all.get("k")?.value.color);
      try { all.put("k2", { filler: "x".repeat(4_000_000) }); console.log("written"); } catch (error) { console.log(error.kind, error.code); }`;
      const write = `import { openRecords } from "./records/open-records.ts";
      const records = openRecords("/mnt/store/records.db");
      records.collection("things").put("k", { color: "red" });
      records.close();`;
      const node = (code: string) =>
        `"${process.execPath}" --conditions=@galley/source --input-type=module -e '${code}'`;
      const script = `set -e; mount -t tmpfs -o size=2m tmpfs /mnt; mkdir /mnt/store; ${node(write)}; ${prepare}; ${node(read)}`;
      return execFileSync("unshare", ["--mount", "sh", "-c", script], {
        cwd: new URL("..", import.meta.url),
        encoding: "utf8",
      });
    };

    test("reads a read-only store and says that it cannot be written", () => {
      expect(inMounts("mount -o remount,ro /mnt")).toBe("red\nunavailable storage.read-only\n");
    });

    test("reads a full store and says that it is full", () => {
      expect(inMounts("dd if=/dev/zero of=/mnt/filler bs=4k 2>/dev/null || true")).toMatch(
        /^red\nunavailable storage\.(full|read-only)\n$/,
      );
    });
  },
);
