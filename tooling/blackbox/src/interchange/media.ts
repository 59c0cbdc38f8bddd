import { join } from "node:path";

/** What an image is handed over on. */
export type Medium = "registry" | "oci" | "oci-archive" | "docker-archive" | "dir";

export const media: readonly Medium[] = ["registry", "oci", "oci-archive", "docker-archive", "dir"];

/** A place on a medium, new each time. */
export interface Place {
  readonly medium: Medium;
  /** In the words of containers-transports(5), which all programs here understand. */
  readonly text: string;
  /** Of the file or directory; empty for a registry. */
  readonly path: string;
}

const tag = "1";
let count = 0;

/** Makes places beneath a folder and in a registry. */
export function makePlace(medium: Medium, { folder, registry }: { folder: string; registry: string }): Place {
  count += 1;
  const path = join(folder, `${medium}-${count}`);
  const name = `localhost/handed/over-${count}:${tag}`;
  if (medium === "registry") return { medium, path: "", text: `docker://${registry}/handed/over-${count}:${tag}` };
  return { medium, path, text: `${medium}:${path}${medium === "dir" ? "" : `:${name}`}` };
}

/** Does a medium keep the manifest's bytes? A docker archive has none, an OCI layout only OCI's. */
export function keepsManifest(medium: Medium, family: "oci" | "v2s2"): boolean {
  if (medium === "docker-archive") return false;
  return family === "oci" || medium === "registry" || medium === "dir";
}
