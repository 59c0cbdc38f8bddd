import { lane, type Plan, type Step, slot, stepper } from "@galley/plan";
import { devLinkSteps } from "../dev-link-steps.ts";
import { deviceSteps } from "../device-steps.ts";
import { maskSteps } from "../mask-steps.ts";
import { type MountStepsOptions, mountSteps } from "../mount-steps.ts";
import { readOnlyPathSteps } from "../read-only-path-steps.ts";
import { rootSteps } from "../root-steps.ts";
import { terminalSteps } from "../terminal-steps.ts";
import { podmanMaskedPaths, podmanMounts, podmanReadOnlyPaths } from "./podman-mounts.ts";

/** All that this package has to say about one container, in the order in which a runtime would put it. */
export function wholePlan(options: Partial<MountStepsOptions> & { readonly terminal?: boolean } = {}): Plan {
  const root = slot("root");
  const step = stepper("runtime");
  const sourceKind = (path: string): "file" | "directory" => (path === "/srv/data" ? "directory" : "file");
  const mounts = mountSteps(podmanMounts, { root, sourceKind, cgroups: { version: 2 }, ...options });
  const around = rootSteps(root, { mounts: podmanMounts, readOnly: true });
  const dev = mounts.fileSystems.get("/dev");
  const pts = mounts.fileSystems.get("/dev/pts");
  const devices = deviceSteps([], { root, dev });
  const nullDevice = dev && { at: dev, path: "null" };
  const kindOf = (path: string): "file" | "directory" | undefined =>
    path.startsWith("/sys") || path === "/proc/acpi" || path === "/proc/scsi" ? "directory" : "file";
  const steps: Step[] = [
    ...around.isolate,
    step("openTree", { path: "/var/lib/galley/root", out: root }, "take the root"),
    ...mounts.before,
    ...devices.before,
    ...around.attach,
    ...mounts.beneath,
    ...devices.beneath,
    ...devLinkSteps({ root, dev, hasKcore: true }),
    ...(options.terminal && pts ? terminalSteps({ root, dev, pts }).steps : []),
    ...readOnlyPathSteps(podmanReadOnlyPaths, { root }),
    ...maskSteps(podmanMaskedPaths, { root, kindOf, nullDevice }),
    ...mounts.seal,
    ...around.pivot,
  ];
  const init = lane("init", steps);
  return {
    title: "a container of podman's",
    lane: lane("host", [step("clone", { lane: init, namespaces: ["mount", "pid"] }, "start")]),
  };
}
