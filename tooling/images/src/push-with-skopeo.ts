import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** How a layout is pushed. */
export interface PushOptions {
  /** The manifest's format at the registry; skopeo converts. Default: as it is. */
  readonly format?: "oci" | "v2s2";
  /** Push every image of a multi-platform index, not only this machine's. */
  readonly all?: boolean;
}

/**
 * Pushes an OCI layout's tag to a plain-HTTP registry with Debian's skopeo: bytes and requests that are not ours.
 * @example await pushWithSkopeo({ path: layoutPath, tag: "latest" }, `${registry.address}/busybox:latest`);
 */
export async function pushWithSkopeo(
  layout: { path: string; tag: string },
  destination: string,
  options: PushOptions = {},
): Promise<void> {
  const flags = ["--quiet", "--insecure-policy", "--dest-tls-verify=false"];
  // Else skopeo takes a layer it remembers with another compression, from any copy ever made on this machine.
  flags.push(...(options.format === undefined ? ["--preserve-digests"] : ["--format", options.format]));
  if (options.all === true) flags.push("--all");
  await run("skopeo", ["copy", ...flags, `oci:${layout.path}:${layout.tag}`, `docker://${destination}`]);
}
