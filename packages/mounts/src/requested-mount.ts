import { galleyError, type MountSpec } from "@galley/spec";
import { normalizePath } from "./destination.ts";
import { type MountOptions, parseMountOptions } from "./mount-options.ts";
import { guardProc } from "./proc-guard.ts";

/** One mount of a runtime spec, checked and understood. */
export interface RequestedMount {
  /** Normal: see `normalizePath`. */
  readonly destination: string;
  /** `bind`, or the type of a new file system. */
  readonly type: string;
  /** A host path for a bind; for a new file system what the mount table shows as its source. */
  readonly source: string;
  readonly options: MountOptions;
}

/**
 * Checks one mount of a runtime spec (OCI runtime-spec, config.md "Mounts").
 *
 * @throws `invalid` for what makes no sense, `unsupported` for what is not done here, `forbidden` for mounts over proc.
 *
 * @example
 * requestMount({ destination: "/data", source: "/srv/data", options: ["rbind", "ro"] }).type; // "bind"
 */
export function requestMount(mount: MountSpec): RequestedMount {
  const destination = normalizePath(mount.destination);
  if (destination === "/")
    throw galleyError("invalid", "mounts.root", "a mount cannot replace the root of the container");
  if (mount.uidMappings?.length || mount.gidMappings?.length) {
    throw galleyError(
      "unsupported",
      "mounts.id-map",
      `mount on ${destination}: mounts with their own id map are not supported`,
    );
  }
  const parsed = parseMountOptions(mount.options ?? []);
  const isBind = parsed.bind !== undefined || mount.type === "bind" || mount.type === "rbind";
  const type = isBind ? "bind" : (mount.type ?? "");
  const options: MountOptions = isBind
    ? { ...parsed, bind: parsed.bind ?? (mount.type === "rbind" ? "tree" : "one") }
    : parsed;
  const request = { destination, type, source: mount.source ?? "", options };
  if (isBind) checkBind(request);
  else checkNew(request);
  guardProc(request);
  return request;
}

function checkBind({ destination, source, options }: RequestedMount): void {
  if (!source.startsWith("/") || source.includes("\0")) {
    throw galleyError(
      "invalid",
      "mounts.source",
      `bind on ${destination}: source ${JSON.stringify(source)} is not an absolute path`,
    );
  }
  const [stray] = options.data;
  if (stray !== undefined) {
    throw galleyError(
      "invalid",
      "mounts.option",
      `bind on ${destination}: option ${stray} belongs to a file system, not to a bind`,
    );
  }
}

function checkNew({ destination, type, source, options }: RequestedMount): void {
  if (!/^[a-zA-Z0-9_.-]+$/.test(type)) {
    throw galleyError(
      "invalid",
      "mounts.type",
      `mount on ${destination}: ${JSON.stringify(type)} is no file system type`,
    );
  }
  if (source.includes("\0"))
    throw galleyError("invalid", "mounts.source", `mount on ${destination}: a zero byte in its source`);
  if (options.remount) {
    throw galleyError(
      "unsupported",
      "mounts.remount",
      `mount on ${destination}: changing an existing ${type} is not supported`,
    );
  }
}
