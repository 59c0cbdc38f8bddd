import { type Slot, type Step, stepper } from "@galley/plan";
import type { RootMount } from "./root-mount.ts";

const step = stepper("storage");

/**
 * The steps that make a root mount as a detached mount. On a kernel that needs links (before 6.8) they are made in
 * `linkDirectory`, a host directory of the container, and the lane's working directory becomes that one.
 *
 * @example
 * const root = slot("root");
 * const steps = rootMountSteps(rootMount(options), { out: root, linkDirectory: containers.tree(id).links });
 */
export function rootMountSteps(
  mount: RootMount,
  where: { readonly out: Slot; readonly linkDirectory: string },
): Step[] {
  const make = step(
    "newFileSystem",
    { type: mount.type, options: mount.options, out: where.out },
    "stack the layers of the root",
  );
  if (!mount.links) return [make];
  return [
    step(
      "mkdir",
      { path: where.linkDirectory, mode: 0o700, flags: ["keepDirectory"] },
      "make a directory of short names",
      { ok: ["EEXIST"] },
    ),
    ...mount.links.map(({ name, hostPath }) =>
      step(
        "symlink",
        { path: `${where.linkDirectory}/${name}`, target: hostPath, flags: ["replace"] },
        `name a layer ${name}`,
      ),
    ),
    step("chdir", { path: where.linkDirectory }, "let the kernel find the short names"),
    make,
  ];
}
