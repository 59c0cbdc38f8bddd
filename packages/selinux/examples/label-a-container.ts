import { containerLabels, isSelinuxEnabled, labelSteps, parseLabelOptions } from "@galley/selinux";

const taken = new Set(["s0:c0,c1"]);
let drawn = 0;
const source = { random: () => drawn++, isTaken: (level: string) => taken.has(level) };

const enabled = isSelinuxEnabled({ fileSystems: "nodev\tselinuxfs\n", hasSelinuxFs: true });
const labels = containerLabels({ enabled, options: parseLabelOptions(["type:spc_t"]), ...source });
console.log(labels);
for (const step of labelSteps(labels)) console.log(`${step.op}: ${step.why}`);

console.log("without SELinux:", labelSteps(containerLabels({ enabled: false, ...source })));
