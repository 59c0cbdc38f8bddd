import { galleyError, nameBytes } from "@galley/spec";
import { maxXattrBytes, maxXattrNameBytes } from "../limits.ts";

const prefix = "SCHILY.xattr.";

/**
 * The extended attributes that a layer's entry keeps: file capabilities, `user.*` and `trusted.*`. SELinux labels are the
 * host's to give and are dropped, as are those of other subsystems (ACLs are host ids in disguise, IMA is signed for
 * other files). Overlay's own marks would let a layer redirect into others, so an entry with one is refused.
 *
 * @throws invalid image.overlay-mark, image.entry-xattr
 */
export function keptXattrs(records: ReadonlyMap<string, Uint8Array>, path: string): Map<string, Uint8Array> {
  const kept = new Map<string, Uint8Array>();
  for (const [key, value] of records) {
    if (!key.startsWith(prefix)) continue;
    const name = key.slice(prefix.length);
    if (/^(trusted|user)\.overlay\./.test(name)) throw overlayMark(path, `the extended attribute ${name}`);
    if (isKept(name)) kept.set(checked(name, value, path), value);
  }
  return kept;
}

function isKept(name: string): boolean {
  return name === "security.capability" || /^(user|trusted)\../.test(name);
}

/** Whether a layer carries that extended attribute of a file of that type. */
export function layerXattr(name: string, type: string): boolean {
  if (/^(trusted|user)\.overlay\./.test(name)) return false;
  // Only files and directories have user attributes (xattr(7)).
  return isKept(name) && (!name.startsWith("user.") || type === "file" || type === "directory");
}

function checked(name: string, value: Uint8Array, path: string): string {
  if (nameBytes(name) > maxXattrNameBytes || value.length > maxXattrBytes || name.includes("\0"))
    throw galleyError("invalid", "image.entry-xattr", `the layer has an impossible extended attribute on ${path}`, {
      details: { path },
    });
  return name;
}

/** invalid image.overlay-mark */
export function overlayMark(path: string, what: string) {
  const message = `the layer has ${what} on ${path || "/"}, which overlayfs takes for a mark of its own`;
  return galleyError("invalid", "image.overlay-mark", message, { details: { path } });
}
