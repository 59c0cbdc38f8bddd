import { type GalleyError, galleyError } from "@galley/spec";

/** A table of a TOML document, with the words for its errors. */
export interface ConfTable {
  boolean(key: string): boolean | undefined;
  string(key: string): string | undefined;
  strings(key: string): readonly string[] | undefined;
  /** A table whose values are all texts. */
  texts(key: string): ReadonlyMap<string, string>;
  tables(key: string): readonly ConfTable[];
  has(key: string): boolean;
  /** What is wrong with a key of this table. */
  bad(key: string, why: string): GalleyError;
}

/** Reads a table of a parsed file. Keys that nobody asks for do not matter. Throws `invalid`, with file and key. */
export function confTable(path: string, value: unknown, at = ""): ConfTable {
  const where = (key: string): string => (at === "" ? key : `${at}.${key}`);
  const bad = (key: string, why: string): GalleyError => badConf(path, `${where(key)} ${why}`, { key: where(key) });
  const record = isRecord(value) ? value : undefined;
  if (!record) throw badConf(path, `${at || "the file"} must be a table`);
  const typed = <T>(key: string, is: (found: unknown) => found is T, what: string): T | undefined => {
    const found = Object.hasOwn(record, key) ? record[key] : undefined;
    if (found === undefined || is(found)) return found;
    throw bad(key, `must be ${what}`);
  };
  return {
    boolean: (key) => typed(key, (found) => typeof found === "boolean", "true or false"),
    string: (key) => typed(key, isText, "a text"),
    strings: (key) => typed(key, isTexts, "a list of texts"),
    texts(key) {
      const entries = Object.entries(typed(key, isRecord, "a table") ?? {});
      const odd = entries.find(([, text]) => !isText(text));
      if (odd) throw bad(`${key}.${odd[0]}`, "must be a text");
      return new Map(entries as [string, string][]);
    },
    tables: (key) =>
      (typed(key, Array.isArray, "a list of tables") ?? []).map((each, index) =>
        confTable(path, each, `${where(key)}[${index}]`),
      ),
    has: (key) => Object.hasOwn(record, key),
    bad,
  };
}

/** The error for a file that does not say what it should. */
export function badConf(path: string, why: string, details: Readonly<Record<string, unknown>> = {}): GalleyError {
  const message = `loading registries configuration ${JSON.stringify(path)}: ${why}`;
  return galleyError("invalid", "registry.bad-registries-conf", message, { details: { path, ...details } });
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isText);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
