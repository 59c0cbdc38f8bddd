import { parseReference } from "@galley/spec";
import { expect, test } from "vitest";
import type { SignedIdentity } from "./policy.ts";
import { acceptsIdentity } from "./signed-identity.ts";

const digest = `sha256:${"a".repeat(64)}`;
const remap: SignedIdentity = { type: "remapIdentity", prefix: "m.example:5000/v", signedPrefix: "vendor.example" };
const hosts: SignedIdentity = { type: "remapIdentity", prefix: "m.example", signedPrefix: "vendor.example/x" };

test.each<[SignedIdentity, string, string, boolean]>([
  [{ type: "matchExact" }, "busybox:1", "docker.io/library/busybox:1", true],
  [{ type: "matchExact" }, "busybox:1", "busybox:2", false],
  [{ type: "matchExact" }, "busybox:1", "busybox", false],
  [{ type: "matchExact" }, `busybox@${digest}`, "busybox:1", false],
  [{ type: "matchExact" }, `busybox@${digest}`, `busybox@${digest}`, true],
  [{ type: "matchRepository" }, "busybox:1", "busybox:2", true],
  [{ type: "matchRepository" }, "busybox:1", "busybox", true],
  [{ type: "matchRepository" }, "busybox:1", "other/busybox:1", false],
  [{ type: "matchRepoDigestOrExact" }, "busybox:1", "busybox:1", true],
  [{ type: "matchRepoDigestOrExact" }, "busybox:1", "busybox", false],
  [{ type: "matchRepoDigestOrExact" }, `busybox@${digest}`, "busybox:7", true],
  [{ type: "matchRepoDigestOrExact" }, `busybox@${digest}`, "busybox", false],
  [{ type: "matchRepoDigestOrExact" }, `busybox@${digest}`, "other:7", false],
  [{ type: "exactReference", dockerReference: "busybox:1" }, "x.example/y:2", "docker.io/library/busybox:1", true],
  [{ type: "exactReference", dockerReference: "busybox:1" }, "busybox:1", "busybox:2", false],
  [{ type: "exactRepository", dockerRepository: "busybox" }, "x.example/y:2", "busybox:9", true],
  [{ type: "exactRepository", dockerRepository: "busybox" }, "busybox:1", "busyboxes:1", false],
  [remap, "m.example:5000/v/a/b:1", "vendor.example/a/b:1", true],
  [remap, "m.example:5000/v/a/b:1", "vendor.example/a/b:2", false],
  [remap, "m.example:5000/v/a/b:1", "m.example:5000/v/a/b:1", false],
  [remap, "m.example:5000/vv/a:1", "m.example:5000/vv/a:1", true],
  [remap, `m.example:5000/v/a@${digest}`, "vendor.example/a:3", true],
  [hosts, "m.example/a:1", "vendor.example/x/a:1", true],
  [hosts, "m.example:5000/a:1", "vendor.example/x/a:1", false],
  [{ type: "matchRepository" }, "busybox:1", "NOT A NAME", false],
  [{ type: "matchRepository" }, "busybox:1", "", false],
])("acceptsIdentity() %j of %s signed as %j: %s", (identity, image, claimed, expected) => {
  expect(acceptsIdentity(identity, parseReference(image), claimed)).toBe(expected);
});

test("acceptsIdentity() of an image without a name accepts only what the policy spells out", () => {
  for (const type of ["matchExact", "matchRepository", "matchRepoDigestOrExact"] as const) {
    expect(acceptsIdentity({ type }, undefined, "busybox:1")).toBe(false);
  }
  expect(acceptsIdentity(remap, undefined, "busybox:1")).toBe(false);
  expect(acceptsIdentity({ type: "exactRepository", dockerRepository: "busybox" }, undefined, "busybox:1")).toBe(true);
});
