import { galleyError } from "@galley/spec";
import { maximalRecordBytes } from "./limits.ts";

type Checks<T> = { readonly [Key in keyof Required<T>]: (value: unknown) => boolean };

/** One line of JSON, an object whose members pass their checks; hand-written because every command reads records. */
export function parseRecord<T extends object>(kind: string, text: string, checks: Checks<T>): T {
  const value = parseJson(kind, text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw corrupt(kind, "not an object");
  for (const [key, check] of Object.entries<(value: unknown) => boolean>(checks)) {
    if (!check((value as Record<string, unknown>)[key])) throw corrupt(kind, `bad ${key}`);
  }
  const stranger = Object.keys(value).find((key) => !Object.hasOwn(checks, key));
  if (stranger !== undefined) throw corrupt(kind, `unknown member ${JSON.stringify(stranger)}`);
  return value as T;
}

export function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parseJson(kind: string, text: string): unknown {
  if (text.length > maximalRecordBytes) throw corrupt(kind, `${text.length} characters long`);
  if (!text.endsWith("\n")) throw corrupt(kind, "its end is missing");
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw corrupt(kind, "not JSON", cause);
  }
}

function corrupt(kind: string, why: string, cause?: unknown): Error {
  return galleyError("corrupt", `keeper.bad-${kind}-record`, `read the ${kind} record: ${why}`, { cause });
}
