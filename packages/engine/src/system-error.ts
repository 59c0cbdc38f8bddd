import { type ErrorKind, galleyError, isGalleyError, wrapError } from "@galley/spec";

const kinds: Readonly<Record<string, readonly [ErrorKind, string]>> = {
  ENOENT: ["not-found", "engine.no-such-file"],
  ENOTDIR: ["invalid", "engine.bad-path"],
  ELOOP: ["invalid", "engine.bad-path"],
  ENAMETOOLONG: ["invalid", "engine.bad-path"],
  ENOSPC: ["unavailable", "engine.full"],
  EDQUOT: ["unavailable", "engine.full"],
  EROFS: ["unavailable", "engine.read-only"],
  EMFILE: ["unavailable", "engine.too-many-files"],
  ENFILE: ["unavailable", "engine.too-many-files"],
  EACCES: ["forbidden", "engine.forbidden"],
  EPERM: ["forbidden", "engine.forbidden"],
};

/** The error of a failed file operation: its kind follows the errno; a GalleyError keeps kind and code. */
export function systemError(doing: string, cause: unknown): Error {
  const errno = (cause as NodeJS.ErrnoException | null)?.code;
  const [kind, code] = kinds[errno ?? ""] ?? [];
  if (isGalleyError(cause) || !kind || !code) return wrapError(doing, cause);
  const said = (cause as Error).message.replace(/, \w+ '.*$/s, ""); // node names call and path again
  return galleyError(kind, code, `${doing}: ${said}`, { cause, details: { errno } });
}
