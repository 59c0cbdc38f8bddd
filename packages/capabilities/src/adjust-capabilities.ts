import { galleyError } from "@galley/spec";
import { type CapabilitySet, capabilityNames, knownCapabilities } from "./capability-set.ts";
import { isAll, parseCapabilities } from "./parse-capabilities.ts";

/** What a user wants changed, and what there is. */
export interface Adjustment {
  /** Names to add, `ALL` among them. */
  readonly add?: readonly string[] | undefined;
  /** Names to drop, `ALL` among them. */
  readonly drop?: readonly string[] | undefined;
  /** What this kernel knows; naming anything else is an error. All 41 when left out. */
  readonly known?: CapabilitySet | undefined;
  /** The bounding set of our own process: what lies outside is left out silently. `known` when left out. */
  readonly available?: CapabilitySet | undefined;
}

function conflict(message: string): Error {
  return galleyError("invalid", "capabilities.conflict", message);
}

function refuseBoth(added: CapabilitySet, dropped: CapabilitySet): void {
  const [first] = capabilityNames(added & dropped);
  if (first) throw conflict(`capability ${first} cannot be both added and dropped`);
}

/**
 * Adds and drops by Podman's rules. Dropping `ALL` leaves just what is added; adding `ALL` starts from everything that
 * is available, less what is dropped. A capability both added and dropped, and `ALL` both ways, are `invalid`.
 *
 * @example
 * adjustCapabilities(podmanCapabilities, { add: ["NET_ADMIN"], drop: ["chown"] });
 */
export function adjustCapabilities(
  base: CapabilitySet,
  { add = [], drop = [], known = knownCapabilities(), available = known }: Adjustment,
): CapabilitySet {
  const limit = known & available;
  const added = parseCapabilities(add, { known });
  const dropped = parseCapabilities(drop, { known });
  const [addsAll, dropsAll] = [add.some(isAll), drop.some(isAll)];
  if (addsAll && dropsAll) throw conflict("all capabilities cannot be both added and dropped");
  if (dropsAll) return added & limit;
  if (addsAll) return limit & ~dropped;
  refuseBoth(added, dropped);
  return ((base & ~dropped) | added) & limit;
}
