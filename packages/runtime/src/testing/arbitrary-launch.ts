import { capabilityList } from "@galley/capabilities";
import { mark } from "@galley/plan";
import type { CapabilitiesSpec, LinuxSpec, MountSpec, NamespaceSpec, ProcessSpec } from "@galley/spec";
import fc from "fast-check";
import type { ContainerLaunch } from "../container-plan.ts";
import { containerLaunch, keeperLaunch, runtimeSpec, usualMounts } from "./launches.ts";
import { layouts } from "./layouts.ts";

const optional = { requiredKeys: [] };
const id = fc.integer({ min: 0, max: 0xffff_fffe });

const namespaces: fc.Arbitrary<NamespaceSpec[]> = fc
  .tuple(
    fc.subarray(["pid", "network", "ipc", "uts", "cgroup", "time"] as const),
    fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
  )
  .map(([types, joined]) => [
    { type: "mount" },
    ...types.map((type, index) => (joined[index] ? { type, path: `/proc/77/ns/${type}` } : { type })),
  ]);

const capabilities: fc.Arbitrary<CapabilitiesSpec> = fc.record(
  Object.fromEntries(
    (["bounding", "effective", "permitted", "inheritable", "ambient"] as const).map((set) => [
      set,
      fc.subarray([...capabilityList]),
    ]),
  ),
  optional,
);

const limitNames = ["RLIMIT_NOFILE", "RLIMIT_CORE", "RLIMIT_NPROC", "RLIMIT_STACK"];
const rlimits = fc
  .subarray(limitNames)
  .chain((types) =>
    fc.tuple(...types.map((type) => fc.record({ type: fc.constant(type), soft: fc.nat(), hard: fc.constant(-1) }))),
  );

const process: fc.Arbitrary<Partial<ProcessSpec>> = fc.record(
  {
    terminal: fc.boolean(),
    consoleSize: fc.record({ height: fc.nat(999), width: fc.nat(999) }),
    user: fc.record(
      { uid: id, gid: id, umask: fc.nat(0o777), additionalGids: fc.array(id, { maxLength: 4 }) },
      { requiredKeys: ["uid", "gid"] },
    ),
    cwd: fc.constantFrom("/", "/srv", "/a/b/../c", "//x/./y/"),
    args: fc.array(fc.stringMatching(/^[a-z/. ]{1,8}$/), { minLength: 1, maxLength: 3 }),
    env: fc.array(fc.stringMatching(/^[A-Z]{1,4}=[a-z:/]{0,8}$/), { maxLength: 3 }),
    capabilities,
    rlimits,
    noNewPrivileges: fc.boolean(),
    oomScoreAdj: fc.integer({ min: -1000, max: 1000 }),
    selinuxLabel: fc.constantFrom("", "system_u:system_r:container_t:s0:c1,c2"),
  },
  optional,
);

const extraMounts: fc.Arbitrary<MountSpec[]> = fc.subarray<MountSpec>([
  { destination: "/data", type: "bind", source: "/srv/data", options: ["rbind", "ro", "rprivate"] },
  { destination: "/etc/hosts", type: "bind", source: "/run/galley/c1/hosts.file", options: ["bind", "rw"] },
  { destination: "/heard", type: "bind", source: "/srv/heard", options: ["rbind", "rslave"] },
  { destination: "/tmp", type: "tmpfs", source: "tmpfs", options: ["nosuid", "nodev", "size=64k", "ro"] },
  { destination: "/dev/shm", type: "tmpfs", source: "shm", options: ["nosuid", "noexec", "nodev", "mode=1777"] },
  { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"] },
]);

const resources: fc.Arbitrary<NonNullable<LinuxSpec["resources"]>> = fc.record(
  {
    memory: fc.record({ limit: fc.integer({ min: 1, max: 2 ** 40 }) }),
    cpu: fc.record({
      quota: fc.integer({ min: 1000, max: 1_000_000 }),
      period: fc.constant(100_000),
      shares: fc.integer({ min: 2, max: 262_144 }),
    }),
    pids: fc.record({ limit: fc.integer({ min: -1, max: 5000 }) }),
    devices: fc.constant([{ allow: false, access: "rwm" }]),
  },
  optional,
);

const linux: fc.Arbitrary<Partial<LinuxSpec>> = fc.record(
  {
    resources,
    cgroupsPath: fc.constantFrom("/galley/c1", "galley/c1", "/x"),
    devices: fc.subarray<NonNullable<LinuxSpec["devices"]>[number]>([
      { path: "/dev/fuse", type: "c", major: 10, minor: 229, fileMode: 0o660, uid: 5, gid: 6 },
      { path: "/dev/pipe", type: "p" },
      { path: "/opt/disk", type: "b", major: 7, minor: 0 },
    ]),
    seccomp: fc.constant({
      defaultAction: "SCMP_ACT_ALLOW",
      syscalls: [{ names: ["mkdir"], action: "SCMP_ACT_ERRNO" }],
    } as const),
    maskedPaths: fc.subarray(["/proc/kcore", "/sys/firmware", "/proc/acpi"]),
    readonlyPaths: fc.subarray(["/proc/sys", "/proc/bus"]),
    rootfsPropagation: fc.constantFrom("rslave", "slave", "rshared", "shared", "unbindable"),
    mountLabel: fc.constantFrom("", "system_u:object_r:container_file_t:s0:c1,c2"),
  },
  optional,
);

const kinds = fc.constantFrom(undefined, (path: string) =>
  path.startsWith("/sys") ? ("directory" as const) : ("file" as const),
);

/** Launches of many kinds; what belongs to a namespace is asked for only where the container has it. */
export const launches: fc.Arbitrary<ContainerLaunch> = fc
  .record({
    namespaces,
    process,
    linux,
    extraMounts,
    kindOf: kinds,
    layout: fc.constantFrom(...Object.values(layouts)),
    readonly: fc.boolean(),
    names: fc.boolean(),
    twoSteps: fc.boolean(),
    attached: fc.boolean(),
    openStdin: fc.boolean(),
  })
  .map((drawn) => {
    const has = (type: string): boolean => drawn.namespaces.some((each) => each.type === type);
    const makes = (type: string): boolean => drawn.namespaces.some((each) => each.type === type && !each.path);
    const spec = runtimeSpec({
      root: { path: "rootfs", readonly: drawn.readonly },
      mounts: [...usualMounts, ...drawn.extraMounts],
      process: drawn.process,
      ...(drawn.names && has("uts") ? { hostname: "box", domainname: "example" } : {}),
      linux: {
        ...drawn.linux,
        namespaces: drawn.namespaces,
        ...(has("network") ? { sysctl: { "net.ipv4.ip_forward": "1" } } : {}),
        ...(makes("time") ? { timeOffsets: { monotonic: { secs: 5 } } } : {}),
      },
    });
    return containerLaunch(spec, {
      cgroups: drawn.layout,
      keeper: keeperLaunch({ attached: drawn.attached }),
      openStdin: drawn.openStdin,
      sourceKind: (path) => (path.endsWith(".file") ? "file" : "directory"),
      ...(drawn.kindOf ? { kindOf: drawn.kindOf } : {}),
      ...(drawn.twoSteps ? { start: mark("start"), created: mark("created") } : {}),
    });
  });
