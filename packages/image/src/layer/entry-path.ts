import { galleyError, nameBytes } from "@galley/spec";
import { maxNameBytes, maxPathBytes } from "../limits.ts";

/**
 * The path of an entry beneath the root: leading slashes and `.` go, `..` takes back the part before it and may not
 * climb above the root. Empty for the root itself. As text only: links in the tree are resolved in-root later on.
 *
 * @throws invalid image.entry-escapes, image.entry-name
 */
export function entryPath(name: string): string {
  if (name === "" || name.includes("\0")) throw badName(name, "an entry without a name");
  if (nameBytes(name) > maxPathBytes) throw badName(name, `a name longer than ${maxPathBytes} bytes`);
  const parts: string[] = [];
  for (const part of name.split("/"))
    if (part === "..") climb(parts, name);
    else if (part !== "" && part !== ".") parts.push(checkedPart(part, name));
  return parts.join("/");
}

function climb(parts: string[], name: string): void {
  if (parts.pop() !== undefined) return;
  const message = `the layer has an entry outside of its root: ${shown(name)}`;
  throw galleyError("invalid", "image.entry-escapes", message, { details: { name } });
}

function checkedPart(part: string, name: string): string {
  // A whiteout may name what is as long as a name can be.
  const mostBytes = part.startsWith(".wh.") ? maxNameBytes + 4 : maxNameBytes;
  if (part.length > maxNameBytes / 4 && nameBytes(part) > mostBytes)
    throw badName(name, `a name with a part longer than ${maxNameBytes} bytes`);
  return part;
}

/** invalid image.entry-name */
export function badName(name: string, what: string) {
  return galleyError("invalid", "image.entry-name", `the layer has ${what}: ${shown(name)}`, { details: { name } });
}

function shown(name: string): string {
  return JSON.stringify(name.length > 120 ? `${name.slice(0, 120)}…` : name);
}
