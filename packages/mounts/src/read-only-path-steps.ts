import { type Slot, type Step, slot, stepper } from "@galley/plan";
import { normalizePath } from "./destination.ts";

const step = stepper("mounts");

/**
 * Makes paths read-only by binding each on itself (OCI runtime-spec, config-linux.md "Readonly Paths"). Other attributes
 * stay, as do those of mounts beneath; a path that is missing is left out. To run before {@link maskSteps}.
 *
 * @throws `invalid` for an empty path or one with a zero byte.
 *
 * @example
 * const steps = readOnlyPathSteps(["/proc/sys", "/proc/sysrq-trigger"], { root });
 */
export function readOnlyPathSteps(paths: readonly string[], { root }: { readonly root: Slot }): readonly Step[] {
  return [...new Set(paths.map(normalizePath))].flatMap((path) => {
    const mount = slot(path);
    const beneath = path === "/" ? "." : path.slice(1);
    return [
      step("openTree", { at: root, path: beneath, flags: ["recursive"], out: mount }, `take ${path}`, {
        ok: ["ENOENT"],
      }),
      step("mountAttributes", { at: mount, path: "", set: ["readOnly"] }, `make ${path} read-only`),
      step("moveMount", { mount, at: root, path: beneath }, `put the read-only ${path} in place`),
    ];
  });
}
