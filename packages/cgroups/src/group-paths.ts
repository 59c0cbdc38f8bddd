import { galleyError } from "@galley/spec";
import type { CgroupLayout } from "./layout.ts";
import { limits } from "./limits.ts";

/** One directory of a group: a version 1 group has one for each hierarchy, a version 2 group a single one. */
export interface GroupDirectory {
  readonly version: 1 | 2;
  readonly controllers: readonly string[];
  /** A host path: the hierarchy's mount point. */
  readonly mountPoint: string;
  /** A host path: the group itself. */
  readonly hostPath: string;
}

/**
 * Checks a group's path and gives it its normal form: absolute from the root of each hierarchy.
 *
 * @throws `invalid` for `.`, `..`, empty or strange parts; `unsupported` for systemd's `slice:prefix:name`.
 *
 * @example
 * normalizeGroup("galley/4f1c"); // "/galley/4f1c"
 */
export function normalizeGroup(path: string): string {
  if (/^[^/]*:[^/]*:[^/]*$/.test(path)) {
    throw galleyError(
      "unsupported",
      "cgroups.systemd-path",
      `control group ${path} is for systemd, which is not asked yet`,
    );
  }
  const parts = path.replace(/^\//, "").replace(/\/$/, "").split("/");
  const bad = parts.some((part) => part === "" || part === "." || part === ".." || /[\0\n]/.test(part));
  if (bad || Buffer.byteLength(path) > limits.pathBytes) {
    throw galleyError("invalid", "cgroups.path", `${JSON.stringify(path.slice(0, 80))} is no path of a control group`);
  }
  return `/${parts.join("/")}`;
}

/** The directories of a group in the hierarchies that hold the named controllers. */
export function groupDirectories(
  layout: CgroupLayout,
  path: string,
  controllers: readonly string[],
): readonly GroupDirectory[] {
  const group = normalizeGroup(path);
  const legacy = layout.legacy
    .filter((hierarchy) => hierarchy.controllers.some((name) => controllers.includes(name)))
    .map((hierarchy) => ({
      version: 1 as const,
      controllers: hierarchy.controllers,
      mountPoint: hierarchy.mountPoint,
    }));
  const { unified } = layout;
  const held = unified?.controllers.filter((name) => controllers.includes(name)) ?? [];
  // Files called `cgroup.*` belong to every version 2 group.
  const second = unified && (layout.mode === "v2" || held.length > 0 || controllers.includes("cgroup"));
  const all = second ? [...legacy, { version: 2 as const, controllers: held, mountPoint: unified.mountPoint }] : legacy;
  return all.map((each) => ({ ...each, hostPath: `${each.mountPoint}${group}` }));
}

/** All directories on the way to a group, the topmost first, the group itself last; the hierarchy's root is not among them. */
export function ancestors(directory: GroupDirectory): readonly string[] {
  const parts = directory.hostPath.slice(directory.mountPoint.length + 1).split("/");
  return parts.map((_, index) => `${directory.mountPoint}/${parts.slice(0, index + 1).join("/")}`);
}
