import { lane, type Perform, type Step, slot, stepper } from "@galley/plan";
import { wrapError } from "@galley/spec";
import { treesPerPlan } from "../limits.ts";

const step = stepper("storage");

/**
 * Removes trees by name from a directory of ours, by steps: following no link, crossing no mount. Names that are not
 * there are fine, so it may be called again after a failure.
 *
 * @example
 * await removeTrees("/var/lib/galley/layers/staging", ["812-55310-9f3a61c0d2e47b15.dead"], { perform });
 */
export async function removeTrees(
  hostDirectory: string,
  names: readonly string[],
  { perform }: { readonly perform: Perform },
): Promise<void> {
  for (let at = 0; at < names.length; at += treesPerPlan) {
    const steps = removalSteps(hostDirectory, names.slice(at, at + treesPerPlan));
    try {
      await perform({ title: `remove from ${hostDirectory}`, lane: lane("remove", steps) }).ended;
    } catch (error) {
      throw wrapError(`remove trees from ${hostDirectory}`, error);
    }
  }
}

function removalSteps(hostDirectory: string, names: readonly string[]): Step[] {
  const directory = slot("directory");
  const remove = (name: string) =>
    step("removeTree", { at: directory, path: name }, `remove ${name}`, { ok: ["ENOENT"] });
  const open = { path: hostDirectory, flags: ["read", "directory", "noFollow"], out: directory } as const;
  return [step("open", open, "open the directory to remove from", { ok: ["ENOENT"] }), ...names.map(remove)];
}
