import {
  adjustCapabilities,
  capabilitySets,
  dropSteps,
  formatCapabilities,
  parseCapabilities,
  podmanCapabilities,
} from "@galley/capabilities";

const add = ["net_admin"];
const capabilities = adjustCapabilities(podmanCapabilities, { add, drop: ["CAP_CHOWN"] });
console.log(formatCapabilities(capabilities));

const requested = parseCapabilities(add);
for (const uid of [0, 1000]) {
  const sets = capabilitySets({ capabilities, requested, uid });
  console.log(`user ${uid} starts with ${formatCapabilities(sets.effective)}`);
  for (const step of dropSteps(sets, { uid, gid: uid, groups: [] })) console.log(`  ${step.op}: ${step.why}`);
}
