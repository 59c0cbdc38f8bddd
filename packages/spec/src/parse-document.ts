import type { z } from "zod";
import { type GalleyError, galleyError } from "./error.ts";
import { maxDocumentBytes, maxDocumentDepth } from "./limits.ts";

/** What a document is called in errors, and how large it may be. */
export interface DocumentKind {
  readonly name: string;
  readonly maxBytes?: number;
}

/**
 * Reads a JSON document: bytes (at most so many), or a value that was parsed already. A member that is null counts as
 * absent, since programs in Go write empty lists so. Throws `corrupt`.
 */
export function parseDocument<T>(schema: z.ZodType<T>, input: unknown, kind: DocumentKind): T {
  const value = input instanceof Uint8Array ? parseJson(input, kind) : input;
  const result = schema.safeParse(withoutNulls(value, kind, 0));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.map(String).join(".");
  throw corrupt(kind, `${place ? `${place}: ` : ""}${issue?.message ?? "wrong shape"}`, result.error);
}

function parseJson(bytes: Uint8Array, kind: DocumentKind): unknown {
  const maxBytes = kind.maxBytes ?? maxDocumentBytes;
  if (bytes.byteLength > maxBytes) throw corrupt(kind, `${bytes.byteLength} bytes are more than ${maxBytes}`);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw corrupt(kind, "not JSON", cause);
  }
}

/** A copy without null members; bounds the depth, so that recursion further on is safe. */
function withoutNulls(value: unknown, kind: DocumentKind, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth >= maxDocumentDepth) throw corrupt(kind, `nested more than ${maxDocumentDepth} deep`);
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item, kind, depth + 1));
  const kept = Object.entries(value).filter(([name, member]) => member !== null && name !== "__proto__");
  return Object.fromEntries(kept.map(([name, member]) => [name, withoutNulls(member, kind, depth + 1)]));
}

function corrupt({ name }: DocumentKind, why: string, cause?: unknown): GalleyError {
  const shown = why.replaceAll(/\s+/g, " ").slice(0, 400);
  return galleyError("corrupt", "spec.bad-document", `bad ${name}: ${shown}`, { details: { document: name }, cause });
}
