import { galleyError } from "@galley/spec";
import { type CapabilityName, capabilityList, lastCapability } from "./capability-names.ts";

/** A set of capabilities: bit n is capability n, as in the masks of /proc/PID/status. */
export type CapabilitySet = bigint;

/** No capability. */
export const noCapabilities: CapabilitySet = 0n;

/**
 * All capabilities that a kernel knows. `lastCap` is the number in /proc/sys/kernel/cap_last_cap; those that this package
 * has no name for are left out, as a container could not ask for them. Throws `invalid`.
 *
 * @example
 * const known = knownCapabilities(40); // 0x1ffffffffffn
 */
export function knownCapabilities(lastCap: number = lastCapability): CapabilitySet {
  if (Number.isInteger(lastCap) && lastCap >= 0 && lastCap < 64)
    return (1n << BigInt(Math.min(lastCap, lastCapability) + 1)) - 1n;
  throw galleyError("invalid", "capabilities.last", `last capability ${lastCap} is not between 0 and 63`, {
    details: { lastCap },
  });
}

/**
 * The set of some names that are known to be right. For names that people wrote use `parseCapabilities`.
 *
 * @example
 * capabilitySet(["CAP_CHOWN", "CAP_KILL"]); // 0x21n
 */
export function capabilitySet(names: Iterable<CapabilityName>): CapabilitySet {
  let set = noCapabilities;
  for (const name of names) set |= 1n << BigInt(capabilityList.indexOf(name));
  return set;
}

/**
 * The names in a set, in the order of their bits. Bits without a name are left out.
 *
 * @example
 * capabilityNames(0x21n); // ["CAP_CHOWN", "CAP_KILL"]
 */
export function capabilityNames(set: CapabilitySet): readonly CapabilityName[] {
  return capabilityList.filter((_, bit) => (set >> BigInt(bit)) & 1n);
}
