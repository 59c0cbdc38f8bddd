import { parseOomKills } from "@galley/cgroups";
import type { ExitRecord } from "@galley/keeper";
import { oomRecord } from "@galley/runtime";

/** Did the kernel kill for want of memory in the container's control group? */
export function wasOutOfMemory(record: ExitRecord): boolean {
  return parseOomKills(record.files[oomRecord] ?? "") > 0;
}
