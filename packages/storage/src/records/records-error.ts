import { type GalleyError, galleyError, isGalleyError } from "@galley/spec";
import { systemError } from "../system-error.ts";

/** Primary result codes of SQLite (rescode.html). */
const names: Readonly<Record<number, string>> = {
  5: "busy",
  6: "locked",
  8: "readonly",
  10: "ioerr",
  11: "corrupt",
  13: "full",
  14: "cantopen",
  19: "constraint",
  26: "notadb",
};

const kinds: Readonly<Record<string, readonly [GalleyError["kind"], string]>> = {
  busy: ["unavailable", "storage.records-busy"],
  locked: ["unavailable", "storage.records-busy"],
  readonly: ["unavailable", "storage.read-only"],
  ioerr: ["unavailable", "storage.records-unreadable"],
  cantopen: ["unavailable", "storage.records-unreadable"],
  full: ["unavailable", "storage.full"],
  corrupt: ["corrupt", "storage.records-corrupt"],
  notadb: ["corrupt", "storage.records-corrupt"],
};

/** The name of an error's primary result code, undefined when it is not SQLite's. */
export function sqliteCode(error: unknown): string | undefined {
  const { code, errcode } = error as { code?: string; errcode?: number };
  return code === "ERR_SQLITE_ERROR" && errcode !== undefined ? names[errcode & 0xff] : undefined;
}

/** A GalleyError for whatever a database operation threw. */
export function recordsError(doing: string, cause: unknown): GalleyError {
  const [kind, code] = kinds[sqliteCode(cause) ?? ""] ?? [];
  if (isGalleyError(cause) || !kind || !code) return systemError(doing, cause);
  return galleyError(kind, code, `${doing}: ${(cause as Error).message}`, { cause });
}
