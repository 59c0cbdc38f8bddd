export { type Adjustment, adjustCapabilities } from "./adjust-capabilities.ts";
export { type CapabilityName, capabilityList, lastCapability } from "./capability-names.ts";
export {
  type CapabilitySet,
  capabilityNames,
  capabilitySet,
  knownCapabilities,
  noCapabilities,
} from "./capability-set.ts";
export { type CapabilitySets, capabilitySets, type Holder } from "./capability-sets.ts";
export { formatCapabilities, parseCapabilityStatus } from "./capability-status.ts";
export { dockerCapabilities, podmanCapabilities } from "./default-capabilities.ts";
export { dropSteps, type Identity } from "./drop-steps.ts";
export { type KnownOptions, parseCapabilities, parseCapability } from "./parse-capabilities.ts";
