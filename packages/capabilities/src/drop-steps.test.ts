import { check, lane, type Step } from "@galley/plan";
import { describe, expect, test } from "vitest";
import { capabilitySet, knownCapabilities } from "./capability-set.ts";
import { capabilitySets } from "./capability-sets.ts";
import { podmanCapabilities } from "./default-capabilities.ts";
import { dropSteps } from "./drop-steps.ts";

const kill = capabilitySet(["CAP_KILL"]);
const capabilities = podmanCapabilities;

describe("capabilitySets()", () => {
  test("gives root all but nothing to inherit", () => {
    expect(capabilitySets({ capabilities, requested: kill, uid: 0 })).toEqual({
      bounding: capabilities,
      effective: capabilities,
      permitted: capabilities,
      inheritable: 0n,
      ambient: 0n,
    });
  });

  test("gives another user nothing but the bounding set", () => {
    expect(capabilitySets({ capabilities, uid: 1000 })).toEqual({
      bounding: capabilities,
      effective: 0n,
      permitted: 0n,
      inheritable: 0n,
      ambient: 0n,
    });
  });

  test("gives another user what was asked for by name, ambient as well", () => {
    expect(capabilitySets({ capabilities, requested: kill, uid: 1 })).toEqual({
      bounding: capabilities,
      effective: kill,
      permitted: kill,
      inheritable: kill,
      ambient: kill,
    });
  });

  test("gives another user nothing outside the bounding set", () => {
    expect(capabilitySets({ capabilities: kill, requested: knownCapabilities(), uid: 1 }).ambient).toBe(kill);
  });
});

describe("dropSteps()", () => {
  const steps = (uid: number, groups?: number[]): readonly Step[] =>
    dropSteps(capabilitySets({ capabilities, requested: kill, uid }), { uid, gid: 7, groups });

  test("comes in the one order that works", () => {
    expect(steps(1000, [4, 5]).map(({ op }) => op)).toEqual([
      "boundingSet",
      "keepCapabilities",
      "groups",
      "ids",
      "capabilities",
      "ambientSet",
    ]);
    expect(check({ title: "drop", lane: lane("init", steps(1000, [4])) })).toEqual([]);
  });

  test("names this package and says why", () => {
    for (const step of steps(1000, [])) {
      expect(step.by).toBe("capabilities");
      expect(step.why).toMatch(/^[a-z]/);
    }
  });

  test("does not keep capabilities for root, who does not lose them", () => {
    expect(steps(0, []).map(({ op }) => op)).toEqual(["boundingSet", "groups", "ids", "capabilities", "ambientSet"]);
  });

  test("clears the groups when there are none, and keeps them when not asked", () => {
    expect(steps(0, [])[1]).toMatchObject({ op: "groups", args: { gids: [] } });
    expect(steps(0).map(({ op }) => op)).not.toContain("groups");
  });

  test("carries the five sets", () => {
    expect(steps(1000, [])).toMatchObject([
      { args: { mask: capabilities } },
      {},
      {},
      { args: { uid: 1000, gid: 7 } },
      { args: { effective: kill, permitted: kill, inheritable: kill } },
      { args: { mask: kill } },
    ]);
  });

  test("leaves out what an older kernel does not know", () => {
    const all = knownCapabilities();
    const knownMask = knownCapabilities(37);
    const sets = capabilitySets({ capabilities: all, requested: all, uid: 5 });
    const masks = dropSteps(sets, { uid: 5, gid: 5, groups: [], knownMask }).flatMap(({ args }) =>
      Object.values(args).filter((value) => typeof value === "bigint"),
    );
    expect(masks).toEqual(Array(5).fill(knownMask));
  });
});
