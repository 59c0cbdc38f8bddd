import { type Step, stepper } from "@galley/plan";
import { type CapabilitySet, capabilityNames, knownCapabilities } from "./capability-set.ts";
import type { CapabilitySets } from "./capability-sets.ts";

const step = stepper("capabilities");

/** Who the process becomes. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups, all of them; left out to keep those there are (a user namespace may forbid setgroups(2)). */
  readonly groups?: readonly number[] | undefined;
  /** What this kernel knows: setting other bits fails (capset(2), EPERM). All 41 when left out. */
  readonly knownMask?: CapabilitySet | undefined;
}

function identitySteps({ uid, gid, groups }: Identity): readonly Step[] {
  return [
    ...(uid === 0 ? [] : [step("keepCapabilities", {}, "keep capabilities while the user changes")]),
    ...(groups ? [step("groups", { gids: groups }, `set ${groups.length} supplementary groups`)] : []),
    step("ids", { uid, gid }, `become user ${uid} and group ${gid}`),
  ];
}

/**
 * The steps to another identity with fewer capabilities, in the one order that works: the bounding set while
 * CAP_SETPCAP is there, groups before ids while CAP_SETGID is there, capabilities after ids because a change of user
 * clears the effective set, ambient last because it must be permitted and inheritable first (capabilities(7)).
 *
 * The first step is always the bounding set. A filter that is loaded without no_new_privs needs CAP_SYS_ADMIN, so it
 * goes between that first step and the others.
 *
 * @example
 * const steps = dropSteps(capabilitySets({ capabilities: podmanCapabilities, uid: 1000 }), { uid: 1000, gid: 1000, groups: [] });
 */
export function dropSteps(sets: CapabilitySets, identity: Identity): readonly Step[] {
  const { knownMask = knownCapabilities() } = identity;
  const known = (set: CapabilitySet): CapabilitySet => set & knownMask;
  const [bounding, ambient] = [known(sets.bounding), known(sets.ambient)];
  const held = {
    effective: known(sets.effective),
    permitted: known(sets.permitted),
    inheritable: known(sets.inheritable),
  };
  return [
    step("boundingSet", { mask: bounding }, `let no later exec gain more (${capabilityNames(bounding).length} stay)`),
    ...identitySteps(identity),
    step("capabilities", held, `set the capabilities it holds (${capabilityNames(held.effective).length})`),
    step("ambientSet", { mask: ambient }, `set the capabilities that exec keeps (${capabilityNames(ambient).length})`),
  ];
}
