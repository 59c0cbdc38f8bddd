import { cgroupPlan, cpuWeight, detectCgroups } from "@galley/cgroups";

const layout = detectCgroups({
  mountinfo: "26 23 0:22 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n",
  selfCgroup: "0::/user.slice\n",
  controllers: "cpuset cpu io memory pids\n",
});
const { hostSteps, joinSteps, paths, oom } = cgroupPlan({
  layout,
  path: "/galley/4f1c",
  resources: { memory: { limit: 64 << 20, swap: 128 << 20 }, cpu: { shares: 512 }, pids: { limit: 20 } },
});
for (const { op, why } of [...hostSteps, ...joinSteps]) console.log(`${op}: ${why}`);
console.log(`afterwards read ${oom?.hostPath}, then remove ${paths.join(", ")}`);
console.log(`512 shares are a weight of ${cpuWeight(512)}`);
