import { galleyError } from "@galley/spec";
import { type CapabilitySet, capabilityNames, knownCapabilities } from "./capability-set.ts";
import type { CapabilitySets } from "./capability-sets.ts";

function field(status: string, name: string): CapabilitySet {
  const digits = new RegExp(`^${name}:\\s*([0-9a-f]{1,16})$`, "m").exec(status)?.[1];
  if (digits !== undefined) return BigInt(`0x${digits}`);
  throw galleyError("invalid", "capabilities.status", `no ${name} line in the status of the process`, {
    details: { name },
  });
}

/**
 * Reads the five sets out of the text of /proc/PID/status (proc_pid_status(5)). Throws `invalid` when a line is missing.
 *
 * @example
 * const { bounding } = parseCapabilityStatus(await readFile("/proc/self/status", "utf8"));
 */
export function parseCapabilityStatus(status: string): CapabilitySets {
  return {
    bounding: field(status, "CapBnd"),
    effective: field(status, "CapEff"),
    permitted: field(status, "CapPrm"),
    inheritable: field(status, "CapInh"),
    ambient: field(status, "CapAmb"),
  };
}

/**
 * A set for people: the mask as the kernel prints it, and what it means. Bits without a name are shown as numbers.
 *
 * @example
 * formatCapabilities(0x21n); // "0000000000000021 = CAP_CHOWN, CAP_KILL"
 */
export function formatCapabilities(set: CapabilitySet): string {
  const mask = set.toString(16).padStart(16, "0");
  if (set === 0n) return `${mask} = none`;
  const unnamed = [...Array(64).keys()].filter(
    (bit) => (set >> BigInt(bit)) & 1n && !((knownCapabilities() >> BigInt(bit)) & 1n),
  );
  return `${mask} = ${[...capabilityNames(set), ...unnamed].join(", ")}`;
}
