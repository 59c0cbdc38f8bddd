import { type CapabilitySet, noCapabilities } from "./capability-set.ts";

/** The five sets of a process (capabilities(7)); the same names as `process.capabilities` of the OCI runtime spec. */
export interface CapabilitySets {
  readonly bounding: CapabilitySet;
  readonly effective: CapabilitySet;
  readonly permitted: CapabilitySet;
  readonly inheritable: CapabilitySet;
  readonly ambient: CapabilitySet;
}

/** Who the process will be. */
export interface Holder {
  /** What the container may have at most (`adjustCapabilities`). */
  readonly capabilities: CapabilitySet;
  /** What was asked for by name (`parseCapabilities` of the added ones); only that reaches a user who is not root. */
  readonly requested?: CapabilitySet | undefined;
  /** User id inside the container. */
  readonly uid: number;
}

/**
 * The sets that Podman gives. Root holds all of them; inheritable stays empty, since it serves only programs with file
 * capabilities run by others. Another user holds what was asked for by name, ambient as well so that exec keeps it;
 * the bounding set is the same, so a setuid program still gets what root would.
 *
 * @example
 * capabilitySets({ capabilities: podmanCapabilities, uid: 1000 }).effective; // 0n
 */
export function capabilitySets({ capabilities, requested = noCapabilities, uid }: Holder): CapabilitySets {
  if (uid === 0) {
    const none = noCapabilities;
    return {
      bounding: capabilities,
      effective: capabilities,
      permitted: capabilities,
      inheritable: none,
      ambient: none,
    };
  }
  // Podman would let `--cap-add ALL --cap-drop X` keep X here; nothing outside the bounding set is what people mean.
  const held = requested & capabilities;
  return { bounding: capabilities, effective: held, permitted: held, inheritable: held, ambient: held };
}
