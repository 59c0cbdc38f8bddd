import { encodeIdMap, loopbackSteps, planNamespaces, sysctlSteps } from "@galley/namespaces";

const namespaces = planNamespaces([
  { type: "pid" },
  { type: "mount" },
  { type: "uts" },
  { type: "cgroup" },
  { type: "network", path: "/run/netns/blue" },
]);
console.log(`clone with ${namespaces.clone.join(", ")}; shared: ${namespaces.host.join(", ")}`);

const sysctls = sysctlSteps({ "net.ipv4.ping_group_range": "0 0" }, { namespaces });
const init = [...namespaces.initSteps, ...loopbackSteps(namespaces), ...namespaces.cgroupSteps, ...sysctls];
for (const { op, why } of [...namespaces.hostSteps, ...init]) console.log(`${op}: ${why}`);

const map = encodeIdMap([{ containerID: 0, hostID: 100_000, size: 65_536 }]);
console.log(`uid_map: ${new TextDecoder().decode(map)}`);
