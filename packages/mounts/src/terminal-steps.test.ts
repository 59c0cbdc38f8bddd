import { slot } from "@galley/plan";
import { expect, test } from "vitest";
import { terminalSteps } from "./terminal-steps.ts";

const [root, dev, pts] = [slot("root"), slot("/dev"), slot("/dev/pts")] as const;

test("terminalSteps() opens a terminal in the container's devpts and binds it on /dev/console", () => {
  const { steps, master, peer } = terminalSteps({
    root,
    dev,
    pts,
    rows: 24,
    columns: 80,
    owner: { uid: 1000, gid: 5 },
  });
  expect(steps).toMatchObject([
    { op: "terminal", args: { at: pts, path: "ptmx", rows: 24, columns: 80, master, peer } },
    { op: "attributes", args: { at: peer, path: "", set: ["owner"], uid: 1000, gid: 5 } },
    { op: "openTree", args: { at: pts, path: "0" } },
    { op: "mknod", args: { at: dev, path: "console", mode: 0o100666 }, ok: ["EEXIST"] },
    { op: "moveMount", args: { at: dev, path: "console" } },
  ]);
});

test("terminalSteps() leaves the console of a running container alone", () => {
  expect(terminalSteps({ root, dev, pts, console: false }).steps.map(({ op }) => op)).toEqual(["terminal"]);
});

test("terminalSteps() replaces an image's own /dev/console", () => {
  const { steps } = terminalSteps({ root, pts });
  expect(steps.find(({ op }) => op === "mknod")?.args).toMatchObject({ flags: ["replace"] });
  expect(steps.find(({ op }) => op === "open")?.args).toMatchObject({
    path: "dev",
    flags: ["pathOnly", "directory", "noFollow"],
  });
});
