import { slot } from "@galley/plan";
import { expect, test } from "vitest";
import { bundleLaunch } from "./bundle-launch.ts";
import { containerLaunch, runtimeSpec } from "./testing/launches.ts";

function rootPath(path: string): unknown {
  const launch = bundleLaunch({ directory: "/srv/bundle", spec: runtimeSpec({ root: { path } }) }, containerLaunch());
  const out = slot("root");
  const steps = launch.mountRoot(out);
  expect(steps).toMatchObject([{ op: "openTree", by: "runtime", args: { flags: ["recursive"] } }]);
  const [step] = steps;
  if (step?.op !== "openTree") throw new Error("no openTree");
  expect(step.args.out).toBe(out);
  return step.args.path;
}

test("bundleLaunch() takes a relative root from the bundle's directory, an absolute one as it is", () => {
  expect(rootPath("rootfs")).toBe("/srv/bundle/rootfs");
  expect(rootPath("./a/../rootfs")).toBe("/srv/bundle/rootfs");
  expect(rootPath("/var/lib/x")).toBe("/var/lib/x");
});

test("bundleLaunch() launches the bundle's specification and nothing else's", () => {
  const spec = runtimeSpec({ hostname: "box" });
  const rest = containerLaunch(runtimeSpec({ hostname: "other" }), { id: "c9", openStdin: true });
  expect(bundleLaunch({ directory: "/b", spec }, rest)).toMatchObject({
    id: "c9",
    openStdin: true,
    spec: { hostname: "box" },
  });
});

test("bundleLaunch() refuses a bundle without a root", () => {
  const { root: _, ...spec } = runtimeSpec();
  for (const rootless of [spec, { ...spec, root: { path: "" } }]) {
    expect(() => bundleLaunch({ directory: "/b", spec: rootless }, containerLaunch())).toThrow(
      expect.objectContaining({ kind: "invalid", code: "runtime.no-root" }),
    );
  }
});
