import { type GalleyError, galleyError, isGalleyError, wrapError } from "@galley/spec";

const known: Readonly<Record<string, readonly [GalleyError["kind"], code: string, said: string]>> = {
  ENOENT: ["not-found", "image.no-file", "no such file or directory"],
  EACCES: ["forbidden", "image.file-forbidden", "permission denied"],
  EPERM: ["forbidden", "image.file-forbidden", "operation not permitted"],
  ENOTDIR: ["invalid", "image.not-a-directory", "not a directory"],
  EROFS: ["unavailable", "image.file-system", "read-only file system"],
  ENOSPC: ["unavailable", "image.file-system", "no space left on device"],
  EDQUOT: ["unavailable", "image.file-system", "disk quota exceeded"],
};

/** The error of a file operation. A GalleyError, for example of the content that was being written, keeps kind and code. */
export function fileError(doing: string, cause: unknown): GalleyError {
  const [kind, code, said] = known[(cause as { code?: string }).code ?? ""] ?? [];
  if (isGalleyError(cause)) return cause;
  if (!kind || !code) return wrapError(doing, cause);
  return galleyError(kind, code, `${doing}: ${said}`, { cause });
}
