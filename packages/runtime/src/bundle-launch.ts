import { isAbsolute, join } from "node:path";
import { type Slot, type Step, stepper } from "@galley/plan";
import { galleyError, type RuntimeSpec } from "@galley/spec";
import type { ContainerLaunch } from "./container-plan.ts";

const step = stepper("runtime");

/** An OCI bundle: a directory with a specification (OCI runtime spec, bundle.md). */
export interface Bundle {
  /** An absolute host path. */
  readonly directory: string;
  /** Its `config.json`, parsed by `parseRuntimeSpec` of `@galley/spec/schemas`. */
  readonly spec: RuntimeSpec;
}

/**
 * The launch of a bundle, from what the caller knows besides.
 *
 * @throws invalid runtime.no-root
 */
export function bundleLaunch(bundle: Bundle, rest: Omit<ContainerLaunch, "spec" | "mountRoot">): ContainerLaunch {
  const path = bundle.spec.root?.path;
  if (!path) throw galleyError("invalid", "runtime.no-root", `the specification of ${bundle.directory} has no root`);
  const rootPath = isAbsolute(path) ? path : join(bundle.directory, path);
  return { ...rest, spec: bundle.spec, mountRoot: (out) => bindRoot(rootPath, out) };
}

/** A bundle's root file system, bound as it is. */
function bindRoot(path: string, out: Slot): Step[] {
  return [step("openTree", { path, flags: ["recursive"], out }, `take ${path} as the root`)];
}
