import { explain, type Plan } from "@galley/plan";
import { isGalleyError, type RuntimeSpec } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { containerPlan } from "./container-plan.ts";
import { containerLaunch, processSpec, usualMounts } from "./testing/launches.ts";
import { layouts } from "./testing/layouts.ts";
import { lanesOf } from "./testing/read-plan.ts";
import { specFields, withField } from "./testing/spec-fields.ts";

/** Has a value in every field that is honoured, so that another value in one of them shows in the plan. */
const whole: RuntimeSpec = {
  ociVersion: "1.2.0",
  process: processSpec({
    terminal: true,
    consoleSize: { height: 24, width: 80 },
    capabilities: {
      bounding: [],
      effective: [],
      inheritable: ["CAP_KILL", "CAP_CHOWN"],
      permitted: ["CAP_KILL", "CAP_CHOWN"],
      ambient: [],
    },
    rlimits: [{ type: "RLIMIT_CORE", hard: 2, soft: 1 }],
  }),
  root: { path: "rootfs" },
  mounts: [{ destination: "/data", type: "bind", source: "/srv", options: ["nosuid"] }, ...usualMounts],
  linux: {
    namespaces: [{ type: "network", path: "/run/netns/x" }, { type: "uts" }, { type: "mount" }, { type: "time" }],
    resources: {
      devices: [{ allow: true, type: "c", major: 10, minor: 1, access: "r" }],
      memory: { limit: 2 ** 20, reservation: 2 ** 10, swap: 2 ** 21, swappiness: 1 },
      cpu: { shares: 2, quota: 1000, burst: 1, period: 10_000, realtimeRuntime: 1, realtimePeriod: 100 },
      blockIO: {
        weight: 10,
        weightDevice: [{ major: 8, minor: 0, weight: 10 }],
        throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 1 }],
        throttleWriteBpsDevice: [{ major: 8, minor: 0, rate: 1 }],
        throttleReadIOPSDevice: [{ major: 8, minor: 0, rate: 1 }],
        throttleWriteIOPSDevice: [{ major: 8, minor: 0, rate: 1 }],
      },
      hugepageLimits: [{ pageSize: "2MB", limit: 1 }],
      network: { classID: 1, priorities: [{ name: "lo", priority: 1 }] },
      rdma: { x: { hcaHandles: 1, hcaObjects: 1 } },
    },
    devices: [{ path: "/dev/x", type: "c", major: 1, minor: 1, fileMode: 0o600, uid: 1, gid: 1 }],
    seccomp: {
      defaultAction: "SCMP_ACT_ERRNO",
      defaultErrnoRet: 1,
      architectures: ["SCMP_ARCH_X86"],
      syscalls: [
        {
          names: ["clone"],
          action: "SCMP_ACT_ERRNO",
          errnoRet: 2,
          args: [{ index: 0, value: 1, valueTwo: 1, op: "SCMP_CMP_MASKED_EQ" }],
        },
      ],
    },
    timeOffsets: { boottime: { secs: 1, nanosecs: 1 }, monotonic: { secs: 1, nanosecs: 1 } },
  },
};

/** Another value for each field that is honoured. */
const honoured: Readonly<Record<string, unknown>> = {
  "process.terminal": false,
  "process.consoleSize.height": 25,
  "process.consoleSize.width": 81,
  "process.user.uid": 1000,
  "process.user.gid": 1000,
  "process.user.umask": 0o077,
  "process.user.additionalGids[]": 7,
  "process.args[]": "other",
  "process.env[]": "A=b",
  "process.cwd": "/srv",
  "process.capabilities.bounding[]": "CAP_CHOWN",
  "process.capabilities.effective[]": "CAP_CHOWN",
  "process.capabilities.inheritable[]": "CAP_FOWNER",
  "process.capabilities.permitted[]": "CAP_FOWNER",
  "process.capabilities.ambient[]": "CAP_CHOWN",
  "process.rlimits[].type": "RLIMIT_NOFILE",
  "process.rlimits[].hard": 3,
  "process.rlimits[].soft": 0,
  "process.noNewPrivileges": true,
  "process.oomScoreAdj": 0,
  "process.selinuxLabel": "a:b:c:s0",
  "root.readonly": true,
  hostname: "box",
  domainname: "example",
  "mounts[].destination": "/other",
  "mounts[].type": "tmpfs",
  "mounts[].source": "/other",
  "mounts[].options[]": "ro",
  "linux.sysctl": { "net.ipv4.ip_forward": "1" },
  "linux.resources.devices[].allow": false,
  "linux.resources.devices[].type": "b",
  "linux.resources.devices[].major": 11,
  "linux.resources.devices[].minor": 2,
  "linux.resources.devices[].access": "rw",
  "linux.resources.memory.limit": 2 ** 19,
  "linux.resources.memory.reservation": 2 ** 11,
  "linux.resources.memory.swap": 2 ** 22,
  "linux.resources.memory.swappiness": 2,
  "linux.resources.memory.disableOOMKiller": true,
  "linux.resources.cpu.shares": 3,
  "linux.resources.cpu.quota": 1001,
  "linux.resources.cpu.burst": 2,
  "linux.resources.cpu.period": 10_001,
  "linux.resources.cpu.realtimeRuntime": 2,
  "linux.resources.cpu.realtimePeriod": 101,
  "linux.resources.cpu.idle": 1,
  "linux.resources.pids.limit": 20,
  "linux.resources.blockIO.weight": 11,
  "linux.resources.blockIO.weightDevice[].major": 9,
  "linux.resources.blockIO.weightDevice[].minor": 1,
  "linux.resources.blockIO.weightDevice[].weight": 11,
  ...Object.fromEntries(
    ["ReadBps", "WriteBps", "ReadIOPS", "WriteIOPS"].flatMap((name) =>
      ["major", "minor", "rate"].map((field) => [`linux.resources.blockIO.throttle${name}Device[].${field}`, 2]),
    ),
  ),
  "linux.resources.hugepageLimits[].pageSize": "1GB",
  "linux.resources.hugepageLimits[].limit": 2,
  "linux.resources.network.classID": 2,
  "linux.resources.network.priorities[].name": "eth0",
  "linux.resources.network.priorities[].priority": 2,
  "linux.resources.rdma.*.hcaHandles": 2,
  "linux.resources.rdma.*.hcaObjects": 2,
  "linux.cgroupsPath": "/other",
  "linux.namespaces[].type": "ipc",
  "linux.namespaces[].path": "/run/netns/y",
  "linux.devices[].path": "/dev/y",
  "linux.devices[].type": "p",
  "linux.devices[].major": 2,
  "linux.devices[].minor": 2,
  "linux.devices[].fileMode": 0o666,
  "linux.devices[].uid": 2,
  "linux.devices[].gid": 2,
  "linux.seccomp.defaultAction": "SCMP_ACT_TRACE",
  "linux.seccomp.defaultErrnoRet": 2,
  "linux.seccomp.architectures[]": "SCMP_ARCH_X32",
  "linux.seccomp.flags[]": "SECCOMP_FILTER_FLAG_LOG",
  "linux.seccomp.syscalls[].names[]": "mkdir",
  "linux.seccomp.syscalls[].action": "SCMP_ACT_TRACE",
  "linux.seccomp.syscalls[].errnoRet": 3,
  "linux.seccomp.syscalls[].args[].index": 1,
  "linux.seccomp.syscalls[].args[].value": 3,
  "linux.seccomp.syscalls[].args[].valueTwo": 0,
  "linux.seccomp.syscalls[].args[].op": "SCMP_CMP_GT",
  "linux.rootfsPropagation": "rslave",
  "linux.maskedPaths[]": "/proc/kcore",
  "linux.readonlyPaths[]": "/proc/sys",
  "linux.mountLabel": "a:b:c:s0",
  "linux.timeOffsets.boottime.secs": 2,
  "linux.timeOffsets.boottime.nanosecs": 2,
  "linux.timeOffsets.monotonic.secs": 2,
  "linux.timeOffsets.monotonic.nanosecs": 2,
};

/** Honoured with control groups of version 2 only; those of version 1 refuse. */
const honouredInV2: Readonly<Record<string, unknown>> = {
  "linux.resources.unified": { "memory.high": "1" },
  "linux.resources.cpu.cpus": "0",
  "linux.resources.cpu.mems": "0",
};

/** A value for each field, or each group of fields, that is refused: the kernel dropped it, or nobody has needed it yet. */
const refused: Readonly<Record<string, unknown>> = {
  "process.apparmorProfile": "x",
  "process.scheduler": { policy: "SCHED_BATCH" },
  "process.ioPriority": { class: "IOPRIO_CLASS_IDLE", priority: 0 },
  "process.execCPUAffinity": { initial: "0" },
  "mounts[].uidMappings": [{ containerID: 0, hostID: 1, size: 1 }],
  "mounts[].gidMappings": [{ containerID: 0, hostID: 1, size: 1 }],
  "hooks.prestart": [{ path: "/x" }],
  "hooks.createRuntime": [{ path: "/x" }],
  "hooks.createContainer": [{ path: "/x" }],
  "hooks.startContainer": [{ path: "/x" }],
  "hooks.poststart": [{ path: "/x" }],
  "hooks.poststop": [{ path: "/x" }],
  "linux.uidMappings": [{ containerID: 0, hostID: 1, size: 1 }],
  "linux.gidMappings": [{ containerID: 0, hostID: 1, size: 1 }],
  "linux.resources.memory.kernel": 1,
  "linux.resources.memory.kernelTCP": 1,
  "linux.resources.memory.useHierarchy": false,
  "linux.resources.blockIO.leafWeight": 10,
  "linux.resources.blockIO.weightDevice[].leafWeight": 10,
  "linux.seccomp.listenerPath": "/x",
  "linux.seccomp.listenerMetadata": "x",
  "linux.intelRdt": { closID: "x" },
  "linux.personality": { domain: "LINUX32" },
};

/** Says nothing about how a container starts, each with the reason. */
const ignored: Readonly<Record<string, readonly [value: unknown, why: string]>> = {
  ociVersion: ["1.0.0", "checked when the document is read"],
  annotations: [
    { a: "b" },
    "for those who come after (OCI runtime spec, config.md, Annotations: unknown ones are ignored)",
  ],
  "root.path": ["other", "whoever makes the launch says where the root comes from"],
  "linux.resources.memory.checkBeforeUpdate": [true, "about changes to a running container"],
};

type Outcome = "honoured" | "ignored" | "refused";

function everything(plan: Plan): string {
  const bytes = lanesOf(plan.lane).flatMap(({ steps }) =>
    steps.flatMap(({ args }) =>
      Object.values(args).flatMap((value) => (value instanceof Uint8Array ? [Buffer.from(value).toString("hex")] : [])),
    ),
  );
  return [explain(plan), ...lanesOf(plan.lane).map(({ steps }) => argv(steps)), ...bytes].join("\n");
}

/** `explain` shortens long lists. */
function argv(steps: Plan["lane"]["steps"]): string {
  return JSON.stringify(steps.flatMap((step) => (step.op === "exec" ? [step.args.argv, step.args.env] : [])));
}

function outcome(
  base: RuntimeSpec,
  [field, value]: readonly [string, unknown],
  cgroups: (typeof layouts)[keyof typeof layouts],
): Outcome {
  const before = everything(containerPlan(containerLaunch(base, { cgroups })).plan);
  try {
    const after = everything(containerPlan(containerLaunch(withField(base, field, value), { cgroups })).plan);
    return after === before ? "ignored" : "honoured";
  } catch (error) {
    if (isGalleyError(error, "unsupported") || isGalleyError(error, "invalid")) return "refused";
    throw error;
  }
}

/** Without what version 2 has no files for. */
const { network: _, ...resources } = whole.linux?.resources ?? {};
const { swappiness: __, ...memory } = resources.memory ?? {};
const { realtimeRuntime: _r, realtimePeriod: _p, ...cpu } = resources.cpu ?? {};
const wholeV2: RuntimeSpec = { ...whole, linux: { ...whole.linux, resources: { ...resources, memory, cpu } } };

describe("containerPlan() and the fields of a specification", () => {
  test("containerPlan() has a word to say about every field that there is", () => {
    const known = [
      ...Object.keys(honoured),
      ...Object.keys(honouredInV2),
      ...Object.keys(refused),
      ...Object.keys(ignored),
    ];
    const covered = (field: string): boolean =>
      known.some((each) => field === each || field.startsWith(`${each}.`) || field.startsWith(`${each}[]`));
    expect(specFields().filter((field) => !covered(field))).toEqual([]);
    expect(known.filter((each) => !specFields().some((field) => field.startsWith(each)))).toEqual([]);
  });

  test.each(Object.entries(honoured))("containerPlan() honours %s", (field, value) => {
    expect(outcome(whole, [field, value], layouts.v1)).toBe("honoured");
  });

  test.each(Object.entries(honoured))(
    "containerPlan() honours or refuses %s with control groups of version 2",
    (field, value) => {
      expect(outcome(wholeV2, [field, value], layouts.v2)).not.toBe("ignored");
    },
  );

  test.each(Object.entries(honouredInV2))(
    "containerPlan() honours %s with control groups of version 2 only",
    (field, value) => {
      expect(
        [layouts.v1, layouts.v2].map((layout, index) => outcome(index === 0 ? whole : wholeV2, [field, value], layout)),
      ).toEqual(["refused", "honoured"]);
    },
  );

  test.each(Object.entries(refused))("containerPlan() refuses %s", (field, value) => {
    for (const [base, layout] of [[whole, layouts.v1] as const, [wholeV2, layouts.v2] as const]) {
      expect(outcome(base, [field, value], layout)).toBe("refused");
    }
  });

  test.each(Object.entries(ignored))("containerPlan() ignores %s by rule", (field, [value]) => {
    expect(outcome(whole, [field, value], layouts.v1)).toBe("ignored");
  });
});
