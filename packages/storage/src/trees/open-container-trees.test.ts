import { chmod, readdir, stat } from "node:fs/promises";
import { digestOf } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { openLayers } from "../layers/open-layers.ts";
import { recorder } from "../testing/fake-perform.ts";
import { scratch } from "../testing/scratch.ts";
import { openContainerTrees } from "./open-container-trees.ts";

async function stores() {
  const directory = await scratch();
  const { perform, plans } = recorder();
  const layers = openLayers(`${directory}/layers`, { perform });
  const containers = openContainerTrees(`${directory}/containers`, { perform, layers });
  return { directory, layers, containers, plans };
}

describe("openContainerTrees()", () => {
  test("makes upper and work, the upper one with the attributes of the image's root", async () => {
    const { layers, containers } = await stores();
    const top = digestOf("top");
    const staging = await layers.prepare(top);
    await chmod(staging?.hostPath ?? "", 0o1750);
    await staging?.commit();
    const tree = await containers.prepare("4f1c", { topLayer: top });
    expect((await stat(tree.upper)).mode & 0o7777).toBe(0o1750);
    expect((await stat(tree.work)).isDirectory()).toBe(true);
    expect((await stat(tree.hostPath)).mode & 0o777).toBe(0o700);
    expect(await containers.prepare("4f1c"), "again is fine").toEqual(tree);
    expect(await containers.list()).toEqual(["4f1c"]);
  });

  test("deletes by one rename and steps, and says when there was nothing", async () => {
    const { directory, containers, plans } = await stores();
    await containers.prepare("one");
    expect(await containers.delete("one")).toBe(true);
    expect(await containers.delete("one")).toBe(false);
    expect(await containers.list()).toEqual([]);
    expect(await readdir(`${directory}/containers/.removing`)).toEqual([]);
    expect(plans[0]?.lane.steps.map(({ op }) => op)).toEqual(["open", "removeTree"]);
  });

  test("refuses ids that would become other paths", async () => {
    const { containers } = await stores();
    for (const id of ["", ".", "..", "a/b", "../x", ".removing", "a\0", "x".repeat(129)])
      expect(() => containers.tree(id)).toThrow(expect.objectContaining({ kind: "invalid" }));
  });
});
