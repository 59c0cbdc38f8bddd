import type { RuntimeSpec } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { checkSpec } from "./check-spec.ts";
import { runtimeSpec, type SpecChanges } from "./testing/launches.ts";

const map = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
const hook = [{ path: "/bin/hook" }];
const user = { type: "user" } as const;
const mount = { type: "mount" } as const;

const unsupported: readonly (readonly [field: string, changes: SpecChanges])[] = [
  ...(["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"] as const).map(
    (name) => ["hooks", { hooks: { [name]: hook } }] as const,
  ),
  ["process.apparmorProfile", { process: { apparmorProfile: "docker-default" } }],
  ["process.scheduler", { process: { scheduler: { policy: "SCHED_BATCH" } } }],
  ["process.ioPriority", { process: { ioPriority: { class: "IOPRIO_CLASS_IDLE", priority: 0 } } }],
  ["process.execCPUAffinity", { process: { execCPUAffinity: { initial: "0" } } }],
  ["linux.uidMappings", { linux: { uidMappings: map } }],
  ["linux.gidMappings", { linux: { gidMappings: map } }],
  ["linux.intelRdt", { linux: { intelRdt: {} } }],
  ["linux.personality", { linux: { personality: { domain: "LINUX" } } }],
  ["linux.seccomp.listenerPath", { linux: { seccomp: { defaultAction: "SCMP_ACT_ALLOW", listenerPath: "/run/x" } } }],
  [
    "linux.seccomp.listenerMetadata",
    { linux: { seccomp: { defaultAction: "SCMP_ACT_ALLOW", listenerMetadata: "x" } } },
  ],
  ["linux.namespaces.user", { linux: { namespaces: [mount, user] } }],
  ["linux.namespaces.user", { linux: { namespaces: [mount, { ...user, path: "/proc/1/ns/user" }] } }],
  ["linux.namespaces.mount.path", { linux: { namespaces: [{ ...mount, path: "/proc/1/ns/mnt" }] } }],
];

describe("checkSpec()", () => {
  test.each(unsupported)("checkSpec() refuses %s, %#", (field, changes) => {
    expect(() => checkSpec(runtimeSpec(changes))).toThrow(
      expect.objectContaining({
        kind: "unsupported",
        code: "runtime.unsupported-field",
        details: { field },
        message: `${field} of the specification is not supported yet`,
      }),
    );
  });

  test("checkSpec() lets fields pass that are there and ask for nothing", () => {
    const empty: SpecChanges = {
      hooks: { prestart: [], poststop: [] },
      process: { apparmorProfile: "" },
      linux: { uidMappings: [], gidMappings: [], namespaces: [{ type: "mount", path: "" }] },
      annotations: { "run.oci.handler": "something" },
    };
    expect(checkSpec(runtimeSpec(empty)).process.args).toEqual(["sh", "-c", "echo hi"]);
  });

  test.each<[string, RuntimeSpec]>([
    ["runtime.no-process", { ociVersion: "1.2.0" }],
    ["runtime.bad-directory", runtimeSpec({ process: { cwd: "tmp" } })],
    ["runtime.bad-directory", runtimeSpec({ process: { cwd: "" } })],
    ["runtime.no-mount-namespace", runtimeSpec({ linux: { namespaces: [{ type: "pid" }] } })],
    ["runtime.no-mount-namespace", { ...runtimeSpec(), linux: {} }],
  ])("checkSpec() refuses with %s, %#", (code, spec) => {
    expect(() => checkSpec(spec)).toThrow(expect.objectContaining({ kind: "invalid", code }));
  });
});
