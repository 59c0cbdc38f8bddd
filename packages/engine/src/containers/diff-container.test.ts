import { mkdirSync } from "node:fs";
import { PassThrough } from "node:stream";
import type { Plan } from "@galley/plan";
import { expect, test } from "vitest";
import type { Engine, WalkedEntry } from "../engine.ts";
import { diffImage } from "../images/diff-image.ts";
import { makeImage, putImage } from "../testing/make-image.ts";
import { scratchEngine } from "../testing/scratch-engine.ts";
import { createContainer } from "./create-container.ts";
import { diffContainer } from "./diff-container.ts";

function entry(path: string, more: Partial<WalkedEntry> = {}): WalkedEntry {
  return {
    ...{
      path,
      type: "file",
      mode: 0o644,
      uid: 0,
      gid: 0,
      sizeBytes: 0,
      allocatedBytes: 0,
      mtimeSeconds: 0,
      mtimeNanoseconds: 0,
      links: 1,
    },
    ...{ device: { major: 0, minor: 0 }, fileSystem: { major: 0, minor: 1 }, inode: 1n, linkTarget: undefined },
    xattrs: new Map(),
    async *content() {},
    ...more,
  };
}
const directory = (path: string): WalkedEntry => entry(path, { type: "directory" });

/** An engine whose roots are these: of a mount the image's, of a plain directory what lies over it. */
async function engineWith(below: WalkedEntry[], above: WalkedEntry[]) {
  const plans: Plan[] = [];
  const engine = await scratchEngine({
    perform: (plan) => {
      plans.push(plan);
      const output = new PassThrough();
      output.end(plan.lane.steps[0]?.op === "open" ? "above" : "below");
      return { ended: Promise.resolve(), streams: new Map([[5, output]]) } as never;
    },
    walk: {
      programPath: () => "/walk",
      async *read(output) {
        for await (const which of output) yield* String(which) === "above" ? above : below;
      },
    },
  });
  return { engine, plans };
}

/** An image's record, and its layers as if unpacked. */
async function putWhole(
  engine: Engine,
  ...put: Parameters<typeof putImage> extends [unknown, ...infer Rest] ? Rest : never
) {
  for (const { chainId } of putImage(engine, ...put).layers) {
    await using staging = await engine.storage.layers.prepare(chainId);
    await staging?.commit();
  }
}

test("diffContainer() leaves out what the engine itself makes in a root", async () => {
  const below = [directory(""), directory("etc"), entry("etc/conf")];
  const above = [
    directory(""),
    directory("dev"),
    directory("etc"),
    entry("etc/conf"),
    entry("etc/hosts"),
    directory("proc"),
  ];
  const { engine } = await engineWith(below, above);
  await putWhole(engine, makeImage());
  const { id } = await createContainer(engine, { image: "image", name: "c" });
  expect(await diffContainer(engine, "c"), "it has written nothing").toEqual([]);
  mkdirSync(engine.storage.containers.tree(id).upper, { recursive: true });
  expect(await diffContainer(engine, "c")).toEqual([
    { kind: "changed", path: "/etc" },
    { kind: "changed", path: "/etc/conf" },
  ]);
});

test("diffImage() compares the topmost layer with those below, or two whole images", async () => {
  const { engine, plans } = await engineWith([directory(""), entry("a")], [directory(""), entry("a"), entry("b")]);
  await putWhole(engine, makeImage("one"), ["docker.io/library/one:latest"]);
  expect(await diffImage(engine, "one")).toEqual([
    { kind: "changed", path: "/a" },
    { kind: "added", path: "/b" },
  ]);
  const walks = plans.filter(({ lane }) => lane.steps.at(-1)?.op === "exec");
  expect(walks.map(({ lane }) => lane.steps[0]?.op).sort()).toEqual(["newFileSystem", "open"]);
  expect(await diffImage(engine, "one", { from: "one" })).toEqual([]);
  await expect(diffImage(engine, "one", { from: "nothing" })).rejects.toMatchObject({ kind: "not-found" });
});
