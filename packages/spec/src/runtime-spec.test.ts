import { describe, expect, test } from "vitest";
import type { RuntimeSpec } from "./runtime-spec.ts";
import { parseProcessSpec, parseRuntimeSpec } from "./schemas.ts";

const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

const full: RuntimeSpec = {
  ociVersion: "1.2.0",
  process: {
    terminal: true,
    consoleSize: { height: 24, width: 80 },
    user: { uid: 1000, gid: 1000, umask: 0o22, additionalGids: [10] },
    args: ["sh"],
    env: ["PATH=/bin"],
    cwd: "/",
    capabilities: {
      bounding: ["CAP_CHOWN"],
      effective: ["CAP_CHOWN"],
      permitted: ["CAP_CHOWN"],
      inheritable: [],
      ambient: [],
    },
    rlimits: [{ type: "RLIMIT_NOFILE", hard: 1024, soft: 1024 }],
    noNewPrivileges: true,
    apparmorProfile: "x",
    oomScoreAdj: -500,
    scheduler: {
      policy: "SCHED_DEADLINE",
      flags: ["SCHED_FLAG_RESET_ON_FORK"],
      runtime: 1e6,
      deadline: 2e6,
      period: 3e6,
    },
    selinuxLabel: "system_u:system_r:container_t:s0:c1,c2",
    ioPriority: { class: "IOPRIO_CLASS_BE", priority: 4 },
    execCPUAffinity: { initial: "0", final: "0-1" },
  },
  root: { path: "rootfs", readonly: true },
  hostname: "box",
  domainname: "example",
  mounts: [
    {
      destination: "/data",
      type: "bind",
      source: "/srv",
      options: ["rbind", "ro"],
      uidMappings: [{ containerID: 0, hostID: 100_000, size: 65_536 }],
      gidMappings: [{ containerID: 0, hostID: 100_000, size: 65_536 }],
    },
  ],
  hooks: { createRuntime: [{ path: "/bin/hook", args: ["hook", "x"], env: ["A=b"], timeout: 5 }], poststop: [] },
  annotations: { a: "b" },
  linux: {
    uidMappings: [{ containerID: 0, hostID: 1000, size: 1 }],
    sysctl: { "net.ipv4.ip_forward": "1" },
    cgroupsPath: "/x/y",
    namespaces: [{ type: "pid" }, { type: "network", path: "/proc/1/ns/net" }],
    devices: [{ path: "/dev/fuse", type: "c", major: 10, minor: 229, fileMode: 0o666, uid: 0, gid: 0 }],
    resources: {
      unified: { "memory.high": "1" },
      devices: [
        { allow: false, access: "rwm" },
        { allow: true, type: "c", major: 1, minor: -1, access: "rw" },
      ],
      memory: { limit: -1, swap: 2 ** 40, swappiness: 60, disableOOMKiller: false },
      cpu: { shares: 1024, quota: -1, period: 100_000, cpus: "0-1", idle: 1 },
      pids: { limit: 20 },
      blockIO: {
        weight: 500,
        weightDevice: [{ major: 8, minor: 0, weight: 10 }],
        throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 1 }],
      },
      hugepageLimits: [{ pageSize: "2MB", limit: 0 }],
      network: { classID: 1, priorities: [{ name: "eth0", priority: 1 }] },
      rdma: { mlx: { hcaHandles: 1 } },
    },
    seccomp: {
      defaultAction: "SCMP_ACT_ERRNO",
      defaultErrnoRet: 38,
      architectures: ["SCMP_ARCH_X86_64"],
      flags: ["SECCOMP_FILTER_FLAG_LOG"],
      syscalls: [
        {
          names: ["clone"],
          action: "SCMP_ACT_ALLOW",
          args: [{ index: 0, value: 2114060288, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }],
        },
      ],
    },
    rootfsPropagation: "rslave",
    maskedPaths: ["/proc/kcore"],
    readonlyPaths: ["/proc/sys"],
    mountLabel: "x",
    intelRdt: { closID: "x", enableCMT: true },
    personality: { domain: "LINUX32" },
    timeOffsets: { boottime: { secs: -5, nanosecs: 1 } },
  },
};

describe("parseRuntimeSpec()", () => {
  test("parseRuntimeSpec() keeps every member of the Linux parts", () => {
    expect(parseRuntimeSpec(bytes(full))).toEqual(full);
  });

  test("parseRuntimeSpec() drops the parts of other systems", () => {
    const spec = parseRuntimeSpec(bytes({ ociVersion: "1.0.2", windows: {}, vm: {}, solaris: {} }));
    expect(spec).toEqual({ ociVersion: "1.0.2" });
  });

  test("parseRuntimeSpec() reads an unlimited limit, which JSON rounds up", () => {
    const text =
      '{"ociVersion":"1.2.0","process":{"cwd":"/","user":{"uid":0,"gid":0},"rlimits":[{"type":"RLIMIT_CORE","hard":18446744073709551615,"soft":9223372036854775807}]}}';
    expect(parseRuntimeSpec(Buffer.from(text)).process?.rlimits).toEqual([
      { type: "RLIMIT_CORE", hard: 2 ** 64, soft: 2 ** 63 },
    ]);
  });

  test("parseRuntimeSpec() says which versions it does not support", () => {
    for (const ociVersion of ["2.0.0", "1", "x", "0.9.0"]) {
      expect(() => parseRuntimeSpec(bytes({ ociVersion }))).toThrow(expect.objectContaining({ kind: "unsupported" }));
    }
    expect(parseRuntimeSpec(bytes({ ociVersion: "1.2.0-rc.1+dev" })).ociVersion).toBe("1.2.0-rc.1+dev");
  });

  const process = { cwd: "/", user: { uid: 0, gid: 0 } };
  test.each([
    [{ process: { ...process, user: { uid: -1, gid: 0 } } }, "process.user.uid"],
    [{ process: { ...process, user: { uid: 2 ** 32, gid: 0 } } }, "process.user.uid"],
    [{ process: { ...process, args: ["a\0b"] } }, "process.args.0"],
    [{ process: { ...process, env: [1] } }, "process.env.0"],
    [{ process: { user: process.user } }, "process.cwd"],
    [{ mounts: [{ destination: "" }] }, "mounts.0.destination"],
    [{ hooks: { prestart: [{ path: "hook" }] } }, "hooks.prestart.0.path"],
    [{ hooks: { prestart: [{ path: "/hook", timeout: 0 }] } }, "hooks.prestart.0.timeout"],
    [{ linux: { namespaces: [{ type: "moon" }] } }, "linux.namespaces.0.type"],
    [{ linux: { seccomp: { defaultAction: "ALLOW" } } }, "linux.seccomp.defaultAction"],
    [
      { linux: { seccomp: { defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names: [], action: "SCMP_ACT_LOG" }] } } },
      "names",
    ],
    [{ linux: { resources: { memory: { limit: 1.5 } } } }, "linux.resources.memory.limit"],
    [{ linux: { resources: { devices: [{ allow: true, access: "x" }] } } }, "access"],
    [{ linux: { rootfsPropagation: "slaver" } }, "rootfsPropagation"],
    [{ linux: { maskedPaths: Array(70_000).fill("/x") } }, "linux.maskedPaths"],
  ])("parseRuntimeSpec() names the bad member, %#", (part, place) => {
    expect(() => parseRuntimeSpec(bytes({ ociVersion: "1.2.0", ...part }))).toThrow(
      expect.objectContaining({ kind: "corrupt", message: expect.stringContaining(place) }),
    );
  });
});

test("parseProcessSpec() reads the process of an exec", () => {
  expect(parseProcessSpec(bytes(full.process))).toEqual(full.process);
});
