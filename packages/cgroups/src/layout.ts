import { galleyError } from "@galley/spec";
import { limits } from "./limits.ts";

/** How control groups are arranged on a host (cgroups(7)). */
export interface CgroupLayout {
  /** hybrid: version 1 controllers, and a version 2 hierarchy beside them with what is left, mostly nothing. */
  readonly mode: "v1" | "v2" | "hybrid" | "none";
  readonly unified?: UnifiedHierarchy;
  readonly legacy: readonly LegacyHierarchy[];
}

/** The one version 2 hierarchy. */
export interface UnifiedHierarchy {
  /** A host path. */
  readonly mountPoint: string;
  /** What its root offers; empty when nobody read `cgroup.controllers` or all controllers are in version 1. */
  readonly controllers: readonly string[];
  /** The group of this process, beneath the hierarchy's root. */
  readonly ownPath: string;
}

/** One version 1 hierarchy, with one controller or several. */
export interface LegacyHierarchy {
  /** `cpu` and `cpuacct`, or `name=systemd` for one without controllers. */
  readonly controllers: readonly string[];
  /** A host path. */
  readonly mountPoint: string;
  readonly ownPath: string;
}

/** Texts of the kernel's files. */
export interface CgroupTexts {
  /** `/proc/self/mountinfo` */
  readonly mountinfo: string;
  /** `/proc/self/cgroup` */
  readonly selfCgroup: string;
  /** `cgroup.controllers` at the root of the version 2 mount. */
  readonly controllers?: string | undefined;
}

/**
 * Reads how control groups are arranged (cgroups(7), proc_pid_mountinfo(5)). Lines that make no sense are skipped: the kernel may
 * say more than is known here. To learn where `cgroup.controllers` lies call it once without.
 *
 * @throws `invalid` for a text of more than 65536 lines.
 *
 * @example
 * const layout = detectCgroups({ mountinfo, selfCgroup });
 * layout.legacy.find(({ controllers }) => controllers.includes("pids"))?.mountPoint; // "/sys/fs/cgroup/pids"
 */
export function detectCgroups(texts: CgroupTexts): CgroupLayout {
  const own = ownGroups(texts.selfCgroup);
  const mounts = cgroupMounts(texts.mountinfo);
  const legacy = mounts.filter(({ type }) => type === "cgroup").flatMap((mount) => legacyHierarchy(mount, own));
  const unique = legacy.filter(
    (each, index) => legacy.findIndex(({ controllers }) => controllers[0] === each.controllers[0]) === index,
  );
  const second = mounts.find(({ type }) => type === "cgroup2");
  const unified = second && {
    mountPoint: second.mountPoint,
    controllers: words(texts.controllers ?? ""),
    ownPath: own.get("") ?? "/",
  };
  const mode = unified ? (unique.length > 0 ? "hybrid" : "v2") : unique.length > 0 ? "v1" : "none";
  return { mode, ...(unified ? { unified } : {}), legacy: unique };
}

interface CgroupMount {
  readonly type: "cgroup" | "cgroup2";
  readonly mountPoint: string;
  readonly options: readonly string[];
}

/** mountinfo: id, parent, device, root, mount point, options, optional fields, "-", type, source, options of the file system. */
function cgroupMounts(mountinfo: string): readonly CgroupMount[] {
  return lines(mountinfo).flatMap((line): CgroupMount[] => {
    const [before, after] = line.split(" - ", 2);
    const mountPoint = before?.split(" ")[4];
    const [type, , options] = after?.split(" ") ?? [];
    if (mountPoint === undefined || options === undefined || (type !== "cgroup" && type !== "cgroup2")) return [];
    return [{ type, mountPoint: unescapePath(mountPoint), options: options.split(",") }];
  });
}

/** The mount table writes blanks as octal numbers. */
function unescapePath(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** The lines of `/proc/self/cgroup`: number, controllers, path; version 2 has no controllers. */
function ownGroups(text: string): ReadonlyMap<string, string> {
  return new Map(
    lines(text).flatMap((line) => {
      const match = /^\d+:([^:]*):(\/.*)$/.exec(line);
      if (!match) return [];
      const [, controllers = "", path = "/"] = match;
      return controllers.split(",").map((name): [string, string] => [name, path]);
    }),
  );
}

/** Among a mount's options the controllers are those that `/proc/self/cgroup` names. */
function legacyHierarchy(
  { mountPoint, options }: CgroupMount,
  own: ReadonlyMap<string, string>,
): readonly LegacyHierarchy[] {
  const controllers = options.filter((option) => option !== "" && own.has(option));
  const [first] = controllers;
  return first === undefined ? [] : [{ controllers, mountPoint, ownPath: own.get(first) ?? "/" }];
}

/** The lines of a text, without empty ones. */
export function lines(text: string): readonly string[] {
  const all = text.split("\n", limits.lines + 1);
  if (all.length > limits.lines)
    throw galleyError("invalid", "cgroups.lines", `a file of more than ${limits.lines} lines`);
  return all.filter((line) => line !== "");
}

/** The words of a text, for example of `cgroup.controllers`. */
export function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}
