import { maskSteps, mountSteps, rootSteps } from "@galley/mounts";
import { slot } from "@galley/plan";

const root = slot("root");
const mounts = [
  { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
  { destination: "/data", type: "bind", source: "/srv/data", options: ["rbind", "ro", "rprivate"] },
];
const { isolate, attach, pivot } = rootSteps(root, { mounts, readOnly: true });
const { before, beneath, seal } = mountSteps(mounts, { root, sourceKind: () => "directory" });
const masks = maskSteps(["/proc/kcore"], { root, kindOf: () => "file" });

for (const { op, why } of [...isolate, ...before, ...attach, ...beneath, ...masks, ...seal, ...pivot]) {
  console.log(`${op}: ${why}`);
}
