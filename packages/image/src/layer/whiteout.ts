import { badName } from "./entry-path.ts";
import type { LayerChange } from "./layer-change.ts";

const prefix = ".wh.";
const metaPrefix = ".wh..wh.";
const opaque = ".wh..wh..opq";

/**
 * What a name means as a whiteout (OCI image-spec, layer.md "Whiteouts"); undefined for ordinary names. `ignored` are the
 * private files of an old storage driver (`.wh..wh.plnk` and the like), which other engines ignore too.
 *
 * @throws invalid image.entry-name
 */
export function whiteout(path: string): Extract<LayerChange, { type: "whiteout" | "opaque" }> | "ignored" | undefined {
  if (!path.includes(prefix)) return undefined;
  const parts = path.split("/");
  const name = parts.pop() ?? "";
  const directory = parts.join("/");
  if (parts.some((part) => part.startsWith(metaPrefix))) return "ignored";
  if (parts.some((part) => part.startsWith(prefix))) throw badName(path, "an entry beneath a whiteout");
  if (name === opaque) return { type: "opaque", path: directory };
  if (name.startsWith(metaPrefix)) return "ignored";
  return name.startsWith(prefix)
    ? { type: "whiteout", path: hiddenPath(directory, name.slice(prefix.length), path) }
    : undefined;
}

function hiddenPath(directory: string, name: string, path: string): string {
  if (name === "" || name === "." || name === "..") throw badName(path, "a whiteout of no name");
  return directory === "" ? name : `${directory}/${name}`;
}
