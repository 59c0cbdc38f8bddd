import { slot } from "@galley/plan";
import type { NamespaceSpec } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { planNamespaces } from "./plan-namespaces.ts";
import { sysctlSteps } from "./sysctl.ts";

const all = planNamespaces((["user", "ipc", "network", "uts"] as const).map((type): NamespaceSpec => ({ type })));
const none = planNamespaces([]);
const paths = (values: Record<string, string>): unknown[] =>
  sysctlSteps(values, { namespaces: all }).map(({ args }) => "path" in args && args.path);

test("sysctlSteps() writes beneath the given proc, having checked that it is proc", () => {
  const proc = slot("/proc");
  expect(sysctlSteps({ "net.ipv4.ping_group_range": "0 0" }, { namespaces: all, proc })).toEqual([
    {
      op: "write",
      by: "namespaces",
      why: "set net.ipv4.ping_group_range to 0 0",
      args: {
        at: proc,
        path: "sys/net/ipv4/ping_group_range",
        bytes: new TextEncoder().encode("0 0"),
        flags: ["proc"],
      },
    },
  ]);
});

test("sysctlSteps() takes either separator, and the other one for a dot in a name", () => {
  expect(paths({ "net.ipv4.conf.eno2/100.rp_filter": "1", "net/ipv4/conf/eno2.100/rp_filter": "1" })).toEqual([
    "/proc/sys/net/ipv4/conf/eno2.100/rp_filter",
    "/proc/sys/net/ipv4/conf/eno2.100/rp_filter",
  ]);
});

describe("sysctlSteps() allows with its namespace, and forbids without", () => {
  test.each([
    "kernel.msgmax",
    "kernel.msgmnb",
    "kernel.msgmni",
    "kernel.sem",
    "kernel.shmall",
    "kernel.shmmax",
    "kernel.shmmni",
    "kernel.shm_rmid_forced",
    "fs.mqueue.msg_max",
    "net.core.somaxconn",
    "kernel.domainname",
    "user.max_user_namespaces",
  ])("%s", (name) => {
    expect(paths({ [name]: "1" })).toEqual([`/proc/sys/${name.replaceAll(".", "/")}`]);
    expect(() => sysctlSteps({ [name]: "1" }, { namespaces: none })).toThrow(
      expect.objectContaining({ kind: "forbidden" }),
    );
  });
});

describe("sysctlSteps() always forbids", () => {
  test.each([
    "kernel.core_pattern",
    "kernel/core_pattern",
    "kernel.msgmaxx",
    "vm.swappiness",
    "fs.file-max",
    "fs.mqueue",
    "kernel.yama.ptrace_scope",
    "netx.core",
  ])("%s", (name) => {
    expect(() => sysctlSteps({ [name]: "1" }, { namespaces: all })).toThrow(
      expect.objectContaining({ kind: "forbidden" }),
    );
  });
});

describe("sysctlSteps() refuses the name", () => {
  test.each([
    "",
    ".",
    "net",
    "net..x",
    "net.ipv4.",
    "/net/x",
    "net/../kernel/core_pattern",
    "net/./x",
    "net.x\0",
    "kernel.hostname",
  ])("%j", (name) => {
    expect(() => sysctlSteps({ [name]: "1" }, { namespaces: all })).toThrow(
      expect.objectContaining({ kind: "invalid" }),
    );
  });
});

test("sysctlSteps() does not let the other separator climb out", () => {
  // Between dots a slash stands for a dot, so "//" is the name "..", which is refused.
  expect(() => paths({ "net.//.kernel.core_pattern": "x" })).toThrow(expect.objectContaining({ kind: "invalid" }));
});

test("sysctlSteps() refuses a value over a page", () => {
  expect(() => sysctlSteps({ "net.core.x": "x".repeat(4096) }, { namespaces: all })).toThrow(
    expect.objectContaining({ code: "namespaces.sysctl-value" }),
  );
});
