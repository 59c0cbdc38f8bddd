import { readdirSync, readlinkSync } from "node:fs";

/** Targets of the links in /proc/self/ns: who has the same one shares the namespace with us. */
export function hostNamespaces(): Record<string, string> {
  const directory = "/proc/self/ns";
  return Object.fromEntries(
    readdirSync(directory).map((name) => [`${directory}/${name}`, readlinkSync(`${directory}/${name}`)]),
  );
}
