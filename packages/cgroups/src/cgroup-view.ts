import { normalizeGroup } from "./group-paths.ts";
import type { CgroupLayout, LegacyHierarchy } from "./layout.ts";

/** What /sys/fs/cgroup shows inside a container; the shape that `@galley/mounts` takes. */
export type CgroupView =
  | { readonly version: 2 }
  | {
      readonly version: 1;
      readonly hierarchies: readonly {
        readonly name: string;
        readonly hostPath?: string;
        readonly options: readonly string[];
      }[];
      readonly links: readonly { readonly name: string; readonly target: string }[];
    };

/**
 * What a container sees of the host's control groups. With a cgroup namespace version 1 hierarchies are mounted anew; without
 * one each shows the directory that the container's process is in. A hybrid host's version 2 hierarchy is left out, as
 * runtimes do.
 *
 * @example
 * cgroupView(layout, { path: "/galley/4f1c", controllers: ["pids"], namespaced: false });
 */
export function cgroupView(
  layout: CgroupLayout,
  options: { readonly path: string; readonly controllers: readonly string[]; readonly namespaced: boolean },
): CgroupView | undefined {
  if (layout.mode === "v2") return { version: 2 };
  if (layout.mode === "none") return undefined;
  const group = normalizeGroup(options.path);
  const hierarchies = layout.legacy.map((hierarchy) => {
    const joined = hierarchy.controllers.some((name) => options.controllers.includes(name));
    const own = joined ? group : hierarchy.ownPath === "/" ? "" : hierarchy.ownPath;
    const base = { name: nameOf(hierarchy), options: hierarchy.controllers };
    return options.namespaced ? base : { ...base, hostPath: `${hierarchy.mountPoint}${own}` };
  });
  const links = layout.legacy
    .filter((hierarchy) => nameOf(hierarchy).includes(","))
    .flatMap((hierarchy) => hierarchy.controllers.map((name) => ({ name, target: nameOf(hierarchy) })));
  return { version: 1, hierarchies, links };
}

function nameOf({ mountPoint }: LegacyHierarchy): string {
  return mountPoint.slice(mountPoint.lastIndexOf("/") + 1);
}
