import { existsSync, readFileSync } from "node:fs";
import { type CgroupLayout, detectCgroups } from "@galley/cgroups";

/** How this host arranges control groups. */
export function hostCgroups(): CgroupLayout {
  const read = (path: string): string => (existsSync(path) ? readFileSync(path, "utf8") : "");
  const texts = { mountinfo: read("/proc/self/mountinfo"), selfCgroup: read("/proc/self/cgroup") };
  const mountPoint = detectCgroups(texts).unified?.mountPoint;
  return detectCgroups({ ...texts, controllers: mountPoint && read(`${mountPoint}/cgroup.controllers`) });
}
