import { galleyError } from "@galley/spec";
import { type CapabilityName, capabilityList } from "./capability-names.ts";
import { type CapabilitySet, capabilitySet, knownCapabilities, noCapabilities } from "./capability-set.ts";

/** What `ALL` stands for, and what may be named at all. */
export interface KnownOptions {
  /** What this kernel knows (`knownCapabilities`); all 41 when left out. */
  readonly known?: CapabilitySet | undefined;
}

/** The canonical form of a name: upper case, with CAP_. */
function canonical(text: string): string {
  const upper = text.toUpperCase();
  return upper === "ALL" || upper.startsWith("CAP_") ? upper : `CAP_${upper}`;
}

/**
 * Reads one name, with or without `CAP_`, in any case. Throws `invalid` for a name that does not exist, or not on this kernel.
 *
 * @example
 * parseCapability("net_admin"); // "CAP_NET_ADMIN"
 */
export function parseCapability(text: string, { known = knownCapabilities() }: KnownOptions = {}): CapabilityName {
  const name = capabilityList.find((candidate) => candidate === canonical(text));
  if (name && (capabilitySet([name]) & known) !== 0n) return name;
  const why = name ? "this kernel does not have it" : "there is no such capability";
  throw galleyError("invalid", "capabilities.unknown", `capability ${JSON.stringify(text)}: ${why}`, {
    details: { capability: text },
  });
}

/** Whether a name means every capability. */
export function isAll(text: string): boolean {
  return canonical(text) === "ALL";
}

/**
 * Reads a list of names; `ALL` in any case is all that is known. Throws `invalid` as `parseCapability` does.
 *
 * @example
 * parseCapabilities(["chown", "CAP_KILL"]); // 0x21n
 */
export function parseCapabilities(texts: readonly string[], options: KnownOptions = {}): CapabilitySet {
  const { known = knownCapabilities() } = options;
  return texts.reduce(
    (set, text) => set | (isAll(text) ? known : capabilitySet([parseCapability(text, options)])),
    noCapabilities,
  );
}
