import { isCount, parseRecord } from "./record.ts";

/** How a payload ended. */
export interface ExitRecord {
  readonly version: 1;
  readonly pid: number;
  /** 0 to 255; 128 + n for signal n. */
  readonly code: number;
  /** The signal that ended it, 0 for none. */
  readonly signal: number;
  readonly coreDumped: boolean;
  /** RFC 3339 with nanoseconds. */
  readonly startedAt: string;
  readonly finishedAt: string;
  /** By the monotonic clock. */
  readonly durationNs: number;
  readonly stamp?: string;
  /** Bytes of log lines that could not be written (full disk). */
  readonly logLostBytes: number;
  /** Beginnings of the files asked for with `read`. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Reads an exit record.
 *
 * @throws GalleyError `corrupt` for anything a keeper would not write.
 * @example
 * const { code } = parseExitRecord(await readFile("/var/lib/galley/containers/ID/exit", "utf8"));
 */
export function parseExitRecord(text: string): ExitRecord {
  const record = parseRecord<Omit<ExitRecord, "files"> & { files?: Record<string, string> }>("exit", text, {
    version: (value) => value === 1,
    pid: isCount,
    code: (value) => isCount(value) && (value as number) <= 255,
    signal: (value) => isCount(value) && (value as number) <= 64,
    coreDumped: (value) => typeof value === "boolean",
    startedAt: isTime,
    finishedAt: isTime,
    durationNs: (value) => typeof value === "number" && value >= 0,
    stamp: (value) => value === undefined || typeof value === "string",
    logLostBytes: isCount,
    files: (value) => value === undefined || isTexts(value),
  });
  // On a full disk the keeper leaves the files out.
  return { files: {}, ...record };
}

function isTime(value: unknown): boolean {
  return typeof value === "string" && !Number.isNaN(Date.parse(value));
}

function isTexts(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((text) => typeof text === "string");
}
