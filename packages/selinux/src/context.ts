import { galleyError } from "@galley/spec";
import { limits } from "./limits.ts";

/** A security context, `user:role:type[:level]`. */
export interface SelinuxContext {
  readonly user: string;
  readonly role: string;
  readonly type: string;
  /** Sensitivity and categories, as `s0:c1,c2`; absent without MLS. It may hold colons. */
  readonly level?: string | undefined;
}

function invalid(text: string): Error {
  return galleyError("invalid", "selinux.context", `${JSON.stringify(text.slice(0, 80))} is not a security context`, {
    details: { context: text },
  });
}

/**
 * Reads a context, also as files of /proc and extended attributes end it, with a NUL or a line feed. Throws `invalid`.
 *
 * @example
 * parseContext("system_u:system_r:container_t:s0:c1,c2").type; // "container_t"
 */
export function parseContext(text: string): SelinuxContext {
  const [bare = ""] = /^[^\0\n]*(?=\0?\n?$)/.exec(text) ?? [];
  const [user, role, type, ...level] = bare.split(":");
  const isClean = bare.length <= limits.contextCharacters && !/[\s\0]/.test(bare);
  if (!user || !role || !type || !isClean || level.some((part) => part === "")) throw invalid(text);
  return { user, role, type, ...(level.length ? { level: level.join(":") } : {}) };
}

/**
 * Writes a context.
 *
 * @example
 * formatContext({ user: "system_u", role: "object_r", type: "container_file_t", level: "s0" });
 */
export function formatContext({ user, role, type, level }: SelinuxContext): string {
  return [user, role, type, ...(level ? [level] : [])].join(":");
}
