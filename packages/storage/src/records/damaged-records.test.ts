import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { scratch } from "../testing/scratch.ts";
import { checkRecords } from "./check-records.ts";
import { recordsCopyPath } from "./copy-records.ts";
import { openRecords } from "./open-records.ts";
import { repairRecords } from "./repair-records.ts";

const count = 300;
const filler = "x".repeat(300);

/** A database of 300 records with names, all in the file itself; the second copy is as old as record `copiedAt`. */
async function many(copiedAt = count): Promise<string> {
  const path = `${await scratch()}/galley.db`;
  const records = openRecords(path);
  const things = records.collection("things");
  const put = (from: number, to: number) => {
    for (let n = from; n < to; n++) things.put(`key-${n}`, { n, filler }, { names: [`name-${n}`] });
  };
  records.transaction(() => put(0, copiedAt), { durable: true });
  records.transaction(() => put(copiedAt, count));
  records.close();
  const database = new DatabaseSync(path);
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
  return path;
}

function overwrite(path: string, offset: number, bytes: string | Uint8Array): void {
  const file = openSync(path, "r+");
  writeSync(file, Buffer.from(bytes), 0, undefined, offset);
  closeSync(file);
}

function values(path: string) {
  const records = openRecords(path);
  const all = records.collection<{ n: number }>("things").list();
  records.close();
  return {
    count: all.length,
    right: all.every(({ key, value, names }) => key === `key-${value.n}` && names[0] === `name-${value.n}`),
  };
}

describe("checkRecords()", () => {
  test("checkRecords() finds nothing wrong with a good database, or with none", async () => {
    expect(checkRecords(await many())).toEqual([]);
    expect(checkRecords("/nowhere/at/all.db")).toEqual([]);
  });

  test("checkRecords() names the record of which one bit has changed", async () => {
    const path = await many();
    const at = readFileSync(path).indexOf('{"n":123,') + '{"n":'.length;
    overwrite(path, at, "9");
    expect(checkRecords(path)).toEqual([{ collection: "things", key: "key-123", problem: "is damaged" }]);
  });

  test.each([
    ["whose header is gone", (path: string) => overwrite(path, 0, "nothing here any more")],
    ["of which a page was filled with zeros", (path: string) => overwrite(path, 4096 * 5, Buffer.alloc(4096))],
    ["that was cut off", (path: string) => truncateSync(path, 4096 * 7 + 100)],
    ["that is empty", (path: string) => writeFileSync(path, "")],
  ])("checkRecords() sees a database %s, and repairRecords() brings everything back", async (_, damage) => {
    const path = await many();
    damage(path);
    if (statSync(path).size > 0) expect(checkRecords(path)).not.toEqual([]);
    repairRecords(path);
    expect(checkRecords(path)).toEqual([]);
    expect(values(path)).toEqual({ count, right: true });
    expect(existsSync(`${path}.damaged`)).toBe(true);
  });
});

describe("repairRecords()", () => {
  test("repairRecords() without a second copy keeps what can be read, names included", async () => {
    const path = await many();
    rmSync(recordsCopyPath(path));
    const page = Math.floor(readFileSync(path).indexOf('{"n":150,') / 4096);
    overwrite(path, 4096 * page, Buffer.alloc(4096));
    const { keptCount, restored } = repairRecords(path);
    expect(keptCount).toBeGreaterThan(count / 2);
    expect(keptCount).toBeLessThan(count);
    expect(restored).toEqual([]);
    expect(checkRecords(path)).toEqual([]);
    expect(values(path)).toEqual({ count: keptCount, right: true });
  });

  test("repairRecords() takes a record from the older copy and says which ones are lost", async () => {
    const path = await many(200);
    for (const n of [123, 250]) overwrite(path, readFileSync(path).indexOf(`{"n":${n},`) + 5, "9");
    const done = repairRecords(path);
    expect(done).toMatchObject({ keptCount: count - 2, restored: [{ key: "key-123" }] });
    expect(done.lost).toMatchObject([{ collection: "things", key: "key-250" }]);
    expect(values(path)).toEqual({ count: count - 1, right: true });
  });

  test("repairRecords() does not bring back what was removed since the copy, when the database can be read", async () => {
    const path = await many();
    const records = openRecords(path);
    records.collection("things").delete("key-7");
    records.close();
    repairRecords(path);
    expect(values(path).count).toBe(count - 1);
  });

  test("repairRecords() of nothing makes an empty database", async () => {
    const path = `${await scratch()}/galley.db`;
    repairRecords(path);
    expect(values(path).count).toBe(0);
  });
});

describe("openRecords()", () => {
  test("openRecords() brings a database of the first release up to date with the first write", async () => {
    const path = `${await scratch()}/galley.db`;
    const old = new DatabaseSync(path);
    old.exec(`
      CREATE TABLE records (collection TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, value TEXT NOT NULL, PRIMARY KEY (collection, key)) STRICT;
      CREATE TABLE names (collection TEXT NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (collection, name)) STRICT, WITHOUT ROWID;
      CREATE INDEX names_of_record ON names (collection, key);
      INSERT INTO records VALUES ('things', 'old', 3, '{"n":1}');
      PRAGMA user_version = 1; PRAGMA journal_mode = WAL`);
    old.close();
    const records = openRecords(path);
    const things = records.collection<{ n: number }>("things");
    expect(things.get("old"), "reading needs no new tables").toMatchObject({ version: 3, value: { n: 1 } });
    things.put("new", { n: 2 });
    records.close();
    expect(checkRecords(path)).toEqual([]);
    expect(openRecords(path).collection("things").list()).toHaveLength(2);
  });

  test("openRecords() reclaims what a killed process left beside the database, and nothing else", async () => {
    const path = await many();
    const folder = path.slice(0, path.lastIndexOf("/"));
    const dead = "4194311-1-0123456789abcdef";
    for (const name of [`galley.db.${dead}.copy`, `galley.db.${dead}.new`, `other.${dead}.copy`])
      writeFileSync(`${folder}/${name}`, "");
    openRecords(path).reclaim();
    expect(readdirSync(folder).sort()).toEqual([
      "galley.db",
      "galley.db.copy",
      "galley.db.reserve",
      `other.${dead}.copy`,
    ]);
  });
});
