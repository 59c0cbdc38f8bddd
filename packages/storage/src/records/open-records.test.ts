import { mkdir, open as openFile, readdir, writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { scratch } from "../testing/scratch.ts";
import { openRecords } from "./open-records.ts";

interface Thing {
  readonly color: string;
}

async function things(file = "records.db") {
  const path = `${await scratch()}/${file}`;
  const records = openRecords(path);
  return { path, records, things: records.collection<Thing>("things") };
}

describe("openRecords()", () => {
  test("makes nothing for those who read, and finds nothing", async () => {
    const { path, things: empty } = await things("deep/records.db");
    expect(empty.get("a")).toBeUndefined();
    expect(empty.getByName("a")).toBeUndefined();
    expect(empty.list()).toEqual([]);
    expect(empty.delete("a")).toBe(false);
    await expect(readdir(`${path}/..`)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("keeps values, names and versions", async () => {
    const { path, records, things: all } = await things();
    expect(all.put("k1", { color: "red" }, { names: ["web", "app"], ifVersion: 0 })).toEqual({
      key: "k1",
      value: { color: "red" },
      version: 1,
      names: ["app", "web"],
    });
    expect(all.put("k1", { color: "blue" })).toMatchObject({ version: 2, names: ["app", "web"] });
    records.close();
    const again = openRecords(path).collection<Thing>("things");
    expect(again.get("k1")).toEqual({ key: "k1", value: { color: "blue" }, version: 2, names: ["app", "web"] });
    expect(again.getByName("web")?.key).toBe("k1");
    expect(again.put("k1", { color: "blue" }, { names: [] }).names).toEqual([]);
    expect(again.getByName("web")).toBeUndefined();
    expect(again.delete("k1")).toBe(true);
    expect(again.delete("k1")).toBe(false);
  });

  test("keeps collections apart", async () => {
    const { records, things: one } = await things();
    const other = records.collection<Thing>("others");
    one.put("k", { color: "red" }, { names: ["n"] });
    other.put("k", { color: "blue" }, { names: ["n"] });
    expect([one.getByName("n")?.value.color, other.getByName("n")?.value.color]).toEqual(["red", "blue"]);
    one.delete("k");
    expect(other.list()).toHaveLength(1);
  });

  test("lists by key, by prefix and up to a limit", async () => {
    const { things: all } = await things();
    for (const key of ["ab2", "ab1", "b", "ab\u{10fffe}", "aa"]) all.put(key, { color: key });
    const keys = (options?: object) => all.list(options).map(({ key }) => key);
    expect(keys()).toEqual(["aa", "ab1", "ab2", "ab\u{10fffe}", "b"]);
    expect(keys({ prefix: "ab" })).toEqual(["ab1", "ab2", "ab\u{10fffe}"]);
    expect(keys({ prefix: "ab", limit: 2 })).toEqual(["ab1", "ab2"]);
    expect(keys({ prefix: "%" })).toEqual([]);
  });

  test("refuses a name that another record has, and says whose", async () => {
    const { things: all } = await things();
    all.put("k1", { color: "red" }, { names: ["web"] });
    expect(() => all.put("k2", { color: "blue" }, { names: ["db", "web"] })).toThrow(
      expect.objectContaining({ kind: "conflict", code: "storage.name-in-use", details: { name: "web", key: "k1" } }),
    );
    expect(all.get("k2"), "nothing of a failed write stays").toBeUndefined();
    expect(all.getByName("db")).toBeUndefined();
  });

  test("writes over an expected version only", async () => {
    const { things: all } = await things();
    all.put("k", { color: "red" }, { ifVersion: 0 });
    const conflict = expect.objectContaining({ kind: "conflict", code: "storage.record-changed" });
    expect(() => all.put("k", { color: "blue" }, { ifVersion: 0 })).toThrow(conflict);
    expect(() => all.put("k", { color: "blue" }, { ifVersion: 2 })).toThrow(conflict);
    expect(() => all.delete("k", { ifVersion: 2 })).toThrow(conflict);
    expect(all.put("k", { color: "blue" }, { ifVersion: 1 }).version).toBe(2);
    expect(all.delete("k", { ifVersion: 2 })).toBe(true);
  });

  test("updates in place, undefined when absent", async () => {
    const { things: all } = await things();
    expect(all.update("k", (value) => value)).toBeUndefined();
    all.put("k", { color: "red" }, { names: ["n"] });
    expect(all.update("k", ({ color }) => ({ color: `${color}der` }))).toMatchObject({
      version: 2,
      names: ["n"],
      value: { color: "redder" },
    });
  });

  test("makes a transaction all or nothing, also when nested, and passes its error on", async () => {
    const { records, things: all } = await things();
    const attempt = () =>
      records.transaction(
        () => {
          all.put("a", { color: "red" });
          records.transaction(() => all.put("b", { color: "red" }));
          throw new RangeError("changed my mind");
        },
        { durable: true },
      );
    expect(attempt).toThrow("changed my mind");
    expect(all.list()).toEqual([]);
    expect(records.transaction(() => all.put("a", { color: "red" }), { durable: true }).version).toBe(1);
    expect(() => records.transaction(async () => all.put("c", { color: "red" }))).toThrow(
      expect.objectContaining({ code: "storage.async-transaction" }),
    );
    expect(all.list()).toHaveLength(1);
  });

  test("refuses keys, names and values that cannot be", async () => {
    const { records, things: all } = await things();
    for (const bad of ["", "a\0", "a\u001fb", "n".repeat(1025)]) {
      expect(() => all.put(bad, { color: "red" })).toThrow(expect.objectContaining({ code: "storage.record-name" }));
      expect(() => all.put("k", { color: "red" }, { names: [bad] })).toThrow(
        expect.objectContaining({ code: "storage.record-name" }),
      );
    }
    expect(() => all.put("k", undefined as never)).toThrow(expect.objectContaining({ code: "storage.record-value" }));
    expect(() => all.put("k", { color: "x".repeat(9 * 1024 * 1024) })).toThrow(
      expect.objectContaining({ code: "storage.record-value" }),
    );
    expect(() => records.collection("Robert'); DROP TABLE")).toThrow(expect.objectContaining({ kind: "invalid" }));
  });

  test("says clearly that a file is damaged, is no database, or is from a later release", async () => {
    const directory = await scratch();
    const open = (name: string) => openRecords(`${directory}/${name}`).collection<Thing>("things");
    await writeFile(`${directory}/text.db`, "this is not a database, but it is long enough".repeat(100));
    expect(() => open("text.db").list()).toThrow(
      expect.objectContaining({ kind: "corrupt", code: "storage.records-corrupt" }),
    );
    await writeFile(`${directory}/empty.db`, "");
    expect(() => open("empty.db").list()).toThrow(expect.objectContaining({ kind: "corrupt" }));
    const whole = openRecords(`${directory}/bent.db`);
    whole.collection("things").put("k", { color: "red" });
    whole.close();
    const bent = new DatabaseSync(`${directory}/bent.db`);
    bent.exec("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE");
    const pages = Number((bent.prepare("PRAGMA page_count").get() as { page_count: number }).page_count);
    bent.close();
    const file = await openFile(`${directory}/bent.db`, "r+");
    await file.write(Buffer.alloc(4096 * (pages - 1), 0xa5), 0, 4096 * (pages - 1), 4096);
    await file.close();
    expect(() => open("bent.db").list()).toThrow(
      expect.objectContaining({ kind: "corrupt", code: "storage.records-corrupt" }),
    );
    open("later.db").put("k", { color: "red" });
    const later = new DatabaseSync(`${directory}/later.db`);
    later.exec("PRAGMA user_version = 99");
    later.close();
    expect(() => open("later.db").list()).toThrow(
      expect.objectContaining({ kind: "unsupported", code: "storage.records-newer" }),
    );
  });

  test("tells a directory in its place as unreadable", async () => {
    const directory = await scratch();
    await mkdir(`${directory}/a.db`);
    expect(() => openRecords(`${directory}/a.db`).collection("things").list()).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^storage\./) }),
    );
  });

  test("opens and answers within 3 ms", async () => {
    const { path, records, things: all } = await things();
    for (let each = 0; each < 50; each += 1) all.put(`k${each}`, { color: "red" }, { names: [`n${each}`] });
    records.close();
    const times = Array.from({ length: 20 }, () => {
      const start = performance.now();
      const fresh = openRecords(path);
      expect(fresh.collection<Thing>("things").getByName("n7")?.key).toBe("k7");
      const took = performance.now() - start;
      fresh.close();
      return took;
    });
    expect(times.sort((one, other) => one - other)[10]).toBeLessThan(3);
  });
});
