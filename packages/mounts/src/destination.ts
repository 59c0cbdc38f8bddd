import { galleyError } from "@galley/spec";
import { limits } from "./limits.ts";

/**
 * A path of the container in its one normal form: absolute, no `.`, `..`, double or final slash. Purely lexical, as
 * runtimes do it; links are resolved later, inside the root. A relative path counts from "/" (OCI runtime-spec, config.md "Mounts").
 *
 * @throws `invalid` for an empty path, a zero byte, or a path over 4095 bytes.
 *
 * @example
 * normalizePath("/data/../srv//www/"); // "/srv/www"
 */
export function normalizePath(path: string): string {
  if (path === "") throw galleyError("invalid", "mounts.path", "a path in the container is empty");
  if (path.includes("\0"))
    throw galleyError("invalid", "mounts.path", `path ${JSON.stringify(path)} holds a zero byte`);
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  const normal = `/${parts.join("/")}`;
  if (Buffer.byteLength(normal) > limits.pathBytes)
    throw galleyError("invalid", "mounts.path", `path of ${normal.length} characters is too long`);
  return normal;
}

/** Whether a normal path is another or lies beneath it. */
export function isBeneath(path: string, above: string): boolean {
  return path === above || path.startsWith(above === "/" ? "/" : `${above}/`);
}

/** The normal paths of all parents of a normal path and of itself, the topmost first, without "/". */
export function pathAndParents(path: string): readonly string[] {
  const parts = path.slice(1).split("/");
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`);
}
