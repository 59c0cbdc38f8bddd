import { galleyError } from "@galley/spec";
import { accessBits, type CheckedRule, type DevicePolicy } from "./device-rules.ts";
import type { ResourceWrite } from "./resource-write.ts";

/**
 * A device list for version 1 (kernel documentation, cgroup-v1/devices). A new group has its parent's list, so a list that
 * forbids nothing needs no write.
 *
 * @throws `unsupported` for a rule that takes part of an earlier wider one back: the kernel would silently keep it.
 *
 * @example
 * deviceWritesV1(devicePolicy([{ allow: true, type: "c", major: 1, minor: 3, access: "rwm" }])).map(({ text }) => text); // ["a", "c 1:3 rwm"]
 */
export function deviceWritesV1(policy: DevicePolicy): readonly ResourceWrite[] {
  refuseHoles(policy);
  const rules = policy.rules.map((rule) => line(rule.allow, ruleText(rule)));
  return policy.allowAll ? rules : [line(false, "a"), ...rules];
}

function line(allow: boolean, text: string): ResourceWrite {
  const file = allow ? "devices.allow" : "devices.deny";
  const what = text === "a" ? "all devices" : `device ${text}`;
  return { controller: "devices", file, text, why: `${allow ? "allow" : "forbid"} ${what}` };
}

function ruleText({ type, major, minor, access }: CheckedRule): string {
  const letters = (["r", "w", "m"] as const).filter((letter) => access & accessBits[letter]).join("");
  return `${type} ${major ?? "*"}:${minor ?? "*"} ${letters}`;
}

/** Version 1 keeps exceptions by their exact numbers, and takes back only what was given under the same. */
function refuseHoles({ allowAll, rules }: DevicePolicy): void {
  for (const [index, rule] of rules.entries()) {
    if (rule.allow !== allowAll) continue;
    const wider = rules
      .slice(0, index)
      .find((earlier) => earlier.allow !== allowAll && overlaps(earlier, rule) && !sameNumbers(earlier, rule));
    if (wider) {
      throw galleyError(
        "unsupported",
        "cgroups.devices",
        `device rule ${ruleText(rule)} takes back part of ${ruleText(wider)}, which control groups of version 1 cannot`,
      );
    }
  }
}

function overlaps(one: CheckedRule, other: CheckedRule): boolean {
  const meets = (left: number | undefined, right: number | undefined): boolean =>
    left === undefined || right === undefined || left === right;
  return (
    one.type === other.type &&
    (one.access & other.access) !== 0 &&
    meets(one.major, other.major) &&
    meets(one.minor, other.minor)
  );
}

function sameNumbers(one: CheckedRule, other: CheckedRule): boolean {
  return one.major === other.major && one.minor === other.minor;
}
