import { type GalleyError, galleyError } from "@galley/spec";
import { maxAuthFileBytes } from "./limits.ts";

/** One registry's entry as it is in the file. */
export interface AuthEntry {
  /** `name:password` in base64. */
  readonly auth?: string;
  readonly identitytoken?: string;
}

/** The entries of an auth file by registry or repository, in one spelling. Throws `invalid`. */
export function parseAuthFile(path: string, text: string): ReadonlyMap<string, AuthEntry> {
  if (text.length > maxAuthFileBytes) throw bad(path, "too large");
  const auths = member(parseJson(path, text), "auths");
  const entries = new Map<string, AuthEntry>();
  for (const [key, value] of Object.entries(isRecord(auths) ? auths : {})) {
    const entry = entryOf(value);
    // An empty entry says that a credential helper knows.
    if (entry.auth || entry.identitytoken) entries.set(normalKey(key), entry);
  }
  return entries;
}

/** Docker writes `https://index.docker.io/v1/` where Podman writes `docker.io`. */
function normalKey(key: string): string {
  const bare = key.replace(/^https?:\/\//, "").replace(/\/(?:v[12]\/?)?$/, "");
  return /^(?:index\.|registry-1\.)?docker\.io$/.test(bare) ? "docker.io" : bare;
}

function entryOf(value: unknown): AuthEntry {
  const auth = member(value, "auth");
  const identitytoken = member(value, "identitytoken");
  return {
    ...(typeof auth === "string" && { auth }),
    ...(typeof identitytoken === "string" && { identitytoken }),
  };
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without the cause: its message repeats a piece of the file.
    throw bad(path, "not JSON");
  }
}

function member(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function bad(path: string, why: string): GalleyError {
  return galleyError("invalid", "registry.bad-auth-file", `read ${path}: ${why}`, { details: { path } });
}
