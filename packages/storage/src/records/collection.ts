import { galleyError } from "@galley/spec";
import { maxRecordBytes, maxRecordNameLength } from "../limits.ts";
import type { Connection, Connector } from "./connect.ts";
import type { Collection, Entry, PutOptions, Records } from "./open-records.ts";
import { recordChecksum } from "./record-checksum.ts";
import { recordsError } from "./records-error.ts";

interface Access {
  readonly connections: Connector;
  readonly transaction: Records["transaction"];
}

interface Row {
  readonly key: string;
  readonly version: number;
  readonly value: string;
  readonly names: string;
}

// Names cannot hold U+001F (checkName), so that it separates them.
const columns =
  "key, version, value, (SELECT coalesce(group_concat(name, char(31) ORDER BY name), '') FROM names n WHERE n.collection = r.collection AND n.key = r.key) AS names";
const sql = {
  get: `SELECT ${columns} FROM records r WHERE collection = ? AND key = ?`,
  byName: `SELECT ${columns} FROM records r WHERE collection = ?1 AND key = (SELECT key FROM names WHERE collection = ?1 AND name = ?2)`,
  list: `SELECT ${columns} FROM records r WHERE collection = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?`,
  put: "INSERT INTO records (collection, key, version, value, checksum) VALUES (?, ?, 1, ?, ?) ON CONFLICT DO UPDATE SET version = version + 1, value = excluded.value, checksum = excluded.checksum",
  remove: "DELETE FROM records WHERE collection = ? AND key = ?",
  removeNames: "DELETE FROM names WHERE collection = ? AND key = ?",
  owner: "SELECT key FROM names WHERE collection = ? AND name = ?",
  addName: "INSERT INTO names (collection, name, key) VALUES (?, ?, ?)",
};

/** The records of one collection. */
export function collection<Value>(name: string, { connections, transaction }: Access): Collection<Value> {
  const read = (query: keyof typeof sql, ...values: (string | number)[]) =>
    rows(connections, sql[query], [name, ...values]).map((row) => entry<Value>(row));
  const get = (key: string) => read("get", key)[0];
  const write = (key: string, value: Value, options: PutOptions) => {
    const connection = connections.writer();
    const found = get(key);
    checkVersion(key, found?.version ?? 0, options.ifVersion);
    const text = encode(value);
    const names = options.names ? [...new Set(options.names)].toSorted() : (found?.names ?? []);
    connection.statement(sql.put).run(name, key, text, recordChecksum({ collection: name, key, value: text }));
    if (options.names) setNames(connection, { collection: name, key, names });
    return { key, value, version: (found?.version ?? 0) + 1, names };
  };
  return {
    get,
    getByName: (unique) => read("byName", unique)[0],
    list: ({ prefix = "", limit = -1 } = {}) => read("list", prefix, `${prefix}\u{10ffff}`, limit),
    put: (key, value, options = {}) => {
      for (const text of [key, ...(options.names ?? [])]) checkName(text);
      return transaction(() => write(key, value, options));
    },
    update: (key, change) =>
      transaction(() => {
        const found = get(key);
        return found && write(key, change(found.value), {});
      }),
    delete: (key, { ifVersion } = {}) =>
      connections.reader() !== undefined &&
      transaction(
        () => {
          if (ifVersion !== undefined) checkVersion(key, get(key)?.version ?? 0, ifVersion);
          const connection = connections.writer();
          connection.statement(sql.removeNames).run(name, key);
          return Number(connection.statement(sql.remove).run(name, key).changes) > 0;
        },
        { removes: true },
      ),
  };
}

function rows(connections: Connector, query: string, values: (string | number)[]): Row[] {
  try {
    return (connections
      .reader()
      ?.statement(query)
      .all(...values) ?? []) as unknown as Row[];
  } catch (error) {
    throw recordsError(`read the records ${connections.hostPath}`, error);
  }
}

function entry<Value>({ key, version, value, names }: Row): Entry<Value> {
  try {
    return { key, version, value: JSON.parse(value) as Value, names: names === "" ? [] : names.split("\u001f") };
  } catch (error) {
    throw galleyError("corrupt", "storage.records-corrupt", `record ${key} is not JSON`, {
      cause: error,
      details: { key },
    });
  }
}

function encode(value: unknown): string {
  const text = JSON.stringify(value);
  if (text === undefined || text.length > maxRecordBytes)
    throw galleyError("invalid", "storage.record-value", `a record must be JSON of at most ${maxRecordBytes} bytes`);
  return text;
}

function checkName(text: string): void {
  if (text.length === 0 || text.length > maxRecordNameLength || /[\u0000-\u001f]/.test(text))
    throw galleyError(
      "invalid",
      "storage.record-name",
      `not a key or name of a record: ${JSON.stringify(text.slice(0, 80))}`,
    );
}

function checkVersion(key: string, found: number, expected: number | undefined): void {
  if (expected !== undefined && expected !== found)
    throw galleyError("conflict", "storage.record-changed", `record ${key} has version ${found}, not ${expected}`, {
      details: { key, found, expected },
    });
}

function setNames(connection: Connection, what: { collection: string; key: string; names: readonly string[] }): void {
  connection.statement(sql.removeNames).run(what.collection, what.key);
  for (const name of what.names) {
    const owner = connection.statement(sql.owner).get(what.collection, name) as { key: string } | undefined;
    if (owner)
      throw galleyError("conflict", "storage.name-in-use", `the name ${name} is in use by ${owner.key}`, {
        details: { name, key: owner.key },
      });
    connection.statement(sql.addName).run(what.collection, name, what.key);
  }
}
