import { type GalleyError, galleyError, isGalleyError, wrapError } from "@galley/spec";

type Kind = GalleyError["kind"];

const kinds: Readonly<Record<string, readonly [Kind, string]>> = {
  ENOENT: ["not-found", "storage.not-found"],
  ENOSPC: ["unavailable", "storage.full"],
  EDQUOT: ["unavailable", "storage.full"],
  EROFS: ["unavailable", "storage.read-only"],
  EACCES: ["forbidden", "storage.forbidden"],
  EPERM: ["forbidden", "storage.forbidden"],
  EIO: ["corrupt", "storage.input-output"],
  ENAMETOOLONG: ["invalid", "storage.name-too-long"],
};

/** The errno name of a system error, undefined for anything else. */
export function errnoOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}

/** The error of a failed file operation: its kind follows the errno; a GalleyError keeps kind and code. */
export function systemError(doing: string, cause: unknown): GalleyError {
  const [kind, code] = kinds[errnoOf(cause) ?? ""] ?? [];
  if (isGalleyError(cause) || !kind || !code) return wrapError(doing, cause);
  return galleyError(kind, code, `${doing}: ${(cause as Error).message}`, {
    cause,
    details: { errno: errnoOf(cause) },
  });
}

/** What a file operation gives, or undefined where the file is absent. */
export async function absentAsUndefined<Value>(operation: Promise<Value>): Promise<Value | undefined> {
  try {
    return await operation;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}
