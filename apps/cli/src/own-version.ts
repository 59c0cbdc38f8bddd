import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The version in our package.json, which lies one folder above both the sources and the bundle. */
export function ownVersion(): string {
  const manifest = JSON.parse(readFileSync(join(import.meta.dirname, "../package.json"), "utf8")) as { version: string };
  return manifest.version;
}
