import { type DeviceRule, galleyError } from "@galley/spec";
import { limits } from "./limits.ts";

/** Bits of an access (linux/bpf.h, BPF_DEVCG_ACC_*). */
export const accessBits = { m: 1, r: 2, w: 4 } as const;
const everyAccess = 7;
const largestNumber = 0xffff_ffff;

/** A device rule, checked. */
export interface CheckedRule {
  readonly allow: boolean;
  readonly type: "c" | "b";
  /** All when absent. */
  readonly major?: number | undefined;
  readonly minor?: number | undefined;
  /** Of {@link accessBits}. */
  readonly access: number;
}

/** A device list without what later lines make pointless. */
export interface DevicePolicy {
  /** What holds where no rule matches. */
  readonly allowAll: boolean;
  /** In order; the last that matches wins, for each kind of access on its own. */
  readonly rules: readonly CheckedRule[];
}

/**
 * What every container may use: making any node (using it is another matter), the default devices, and pseudo-terminals.
 * Runtimes put them behind the user's rules; /dev/net/tun is among them by tradition.
 */
export const defaultDeviceRules: readonly DeviceRule[] = [
  { allow: true, type: "c", access: "m" },
  { allow: true, type: "b", access: "m" },
  ...[3, 5, 7, 8, 9].map((minor): DeviceRule => ({ allow: true, type: "c", major: 1, minor, access: "rwm" })),
  { allow: true, type: "c", major: 5, minor: 0, access: "rwm" },
  { allow: true, type: "c", major: 5, minor: 2, access: "rwm" },
  { allow: true, type: "c", major: 136, access: "rwm" },
  { allow: true, type: "c", major: 10, minor: 200, access: "rwm" },
];

/**
 * Understands a device list (OCI runtime-spec, config-linux.md "Allowed Device list"). Before the first rule everything is
 * forbidden. A rule for all types sweeps away all before it.
 *
 * @throws `invalid` for unknown types, numbers or letters; `unsupported` for a rule for all types that is not for all
 * numbers and all access: version 1 would silently take it for all.
 *
 * @example
 * devicePolicy([{ allow: false, access: "rwm" }, { allow: true, type: "c", major: 10, minor: 229, access: "rw" }]).rules.length; // 1
 */
export function devicePolicy(rules: readonly DeviceRule[]): DevicePolicy {
  if (rules.length > limits.deviceRules)
    throw galleyError("invalid", "cgroups.devices", `${rules.length} device rules, over ${limits.deviceRules}`);
  const checked = rules.map((rule) => ({ rule, access: checkRule(rule) }));
  const sweep = checked.findLastIndex(({ rule }) => isForAll(rule));
  const allowAll = checked[sweep]?.rule.allow ?? false;
  const rest = checked.slice(sweep + 1).flatMap(({ rule, access }): CheckedRule[] => {
    const { type } = rule;
    if (type !== "c" && type !== "b") return [];
    return [{ allow: rule.allow, type, major: numberOf(rule.major), minor: numberOf(rule.minor), access }];
  });
  // Allowing what nothing forbids, or forbidding what nothing allows, needs no rule.
  const first = rest.findIndex((rule) => rule.allow !== allowAll);
  return { allowAll, rules: first < 0 ? [] : rest.slice(first) };
}

function isForAll({ type }: DeviceRule): boolean {
  return type === undefined || type === "a";
}

function numberOf(value: number | undefined): number | undefined {
  return value === undefined || value === -1 ? undefined : value;
}

function checkRule(rule: DeviceRule): number {
  const { type, access } = rule;
  if (type !== undefined && !["a", "b", "c"].includes(type)) throw bad(`type ${JSON.stringify(type)}`);
  for (const value of [numberOf(rule.major), numberOf(rule.minor)]) {
    if (value !== undefined && !(Number.isInteger(value) && value >= 0 && value <= largestNumber))
      throw bad(`number ${value}`);
  }
  const bits = access === undefined || access === "" ? everyAccess : accessOf(access);
  const partial = numberOf(rule.major) !== undefined || numberOf(rule.minor) !== undefined || bits !== everyAccess;
  if (isForAll(rule) && partial) {
    throw galleyError(
      "unsupported",
      "cgroups.devices",
      "a device rule for all types must be for all numbers and all access",
    );
  }
  return bits;
}

function accessOf(access: string): number {
  let bits = 0;
  for (const letter of access) {
    if (letter !== "r" && letter !== "w" && letter !== "m") throw bad(`access ${JSON.stringify(access)}`);
    bits |= accessBits[letter];
  }
  return bits;
}

function bad(what: string): Error {
  return galleyError("invalid", "cgroups.devices", `device rule of ${what}`);
}
