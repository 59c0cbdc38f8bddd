import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LayerChange } from "../layer/layer-change.ts";
import { layerChanges } from "../layer/layer-changes.ts";
import { createLayer, type LayerEntry } from "../make/create-layer.ts";
import { modelTree } from "../testing/model-tree.ts";
import { collect, flatten } from "../testing/streams.ts";
import { writeChanges } from "../tree/write-changes.ts";
import { flattenLayers } from "./flatten-layers.ts";

const opened = (layers: readonly (readonly LayerEntry[])[]) => layers.map((entries) => () => createLayer(entries));
const changesOf = (layers: readonly (readonly LayerEntry[])[]) => flatten(flattenLayers(opened(layers)));
const file = (path: string, content = path): LayerEntry => ({ path, type: "file", content });
const directory = (path: string, mode = 0o755): LayerEntry => ({ path, type: "directory", mode });
const link = (path: string, target: string): LayerEntry => ({ path, type: "link", target });
const told = async (...layers: (readonly LayerEntry[])[]) =>
  [...modelTree(await changesOf(layers))].map(([path, { type, content, target }]) =>
    [path, type === "file" ? (content?.toString() ?? "") : type, ...(target === undefined ? [] : [target])].join(" "),
  );

describe("flattenLayers()", () => {
  test("takes the uppermost of each, without what was hidden", async () => {
    const lower = [directory("d"), file("d/a"), file("d/b"), directory("e"), file("e/a"), file("f"), file("g")];
    const upper = [
      directory("d", 0o700),
      file("d/a", "new"),
      file(".wh.e"),
      file("f/in", "x"),
      file("g/.wh..wh..opq"),
      directory("g"),
    ];
    expect(await told(lower, upper)).toEqual(["d directory", "g directory", "d/b d/b", "d/a new", "f/in x"]);
    const [changed] = await changesOf([lower, upper]);
    expect(changed).toMatchObject({ path: "d", attributes: { mode: 0o700 } });
  });

  test("brings back what was hidden and made again", async () => {
    const layers = [
      [file("a", "old"), directory("d"), file("d/x")],
      [file(".wh.a"), file("d/.wh..wh..opq")],
      [file("a", "new"), file("d/y")],
    ];
    expect(await told(...layers)).toEqual(["d directory", "a new", "d/y d/y"]);
  });

  test("keeps hard links, also when the name of their file is gone", async () => {
    const lower = [file("a", "text"), link("b", "a"), link("c", "b"), file("z")];
    const whole = await changesOf([lower, []]);
    expect(whole.filter(({ type }) => type === "link")).toMatchObject([
      { path: "b", existing: "a" },
      { path: "c", existing: "a" },
    ]);
    const without = await changesOf([lower, [file(".wh.a")]]);
    expect(without).toMatchObject([
      { path: "b", type: "file" },
      { type: "data" },
      { type: "fileEnd" },
      { path: "c", existing: "b" },
      { path: "z" },
      {},
      {},
    ]);
    expect(await told(lower, [file("a", "other"), file(".wh.b")])).toEqual(["c text", "z z", "a other"]);
  });

  test("keeps a link to a lower layer's file while it is there", async () => {
    expect(await told([file("a", "text")], [link("b", "a")])).toEqual(["a text", "b text"]);
    await expect(told([file("a")], [link("b", "a")], [file(".wh.a")])).rejects.toMatchObject({
      kind: "unsupported",
      code: "image.flatten-link",
    });
  });

  test("gives the same archive every time", async () => {
    const layers = opened([[directory("b"), file("b/x"), directory("a")], [file("a/y")]]);
    const write = () => collect(writeChanges(flattenLayers(layers)));
    expect(await write()).toEqual(await write());
  });

  test("refuses what a layer may not hold", async () => {
    await expect(told([file("../x")])).rejects.toMatchObject({ code: "image.entry-escapes" });
  });

  test("is what applying the layers one after the other gives", async () => {
    const name = fc.constantFrom("a", "b", "c");
    const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
    const kind = fc.constantFrom("file", "directory", "symlink", "whiteout", "opaque");
    const layer = fc.array(fc.tuple(path, kind, fc.nat(9)), { maxLength: 8 }).map(tidy);
    await fc.assert(
      fc.asyncProperty(fc.array(layer, { minLength: 1, maxLength: 4 }), async (layers) => {
        const expected = new Map<string, string>();
        for (const entries of layers) overlay(expected, await flatten(layerChanges(createLayer(entries))));
        const flat = new Map<string, string>();
        overlay(flat, await changesOf(layers));
        expect([...flat].sort()).toEqual([...expected].sort());
      }),
      { numRuns: 300 },
    );
  });
});

type Drawn = readonly [path: string, kind: string, number: number];

/** Entries as a program writes them: each path once, nothing beneath what is no directory, parents first. */
function tidy(drawn: readonly Drawn[]): LayerEntry[] {
  const kinds = new Map<string, Drawn>();
  for (const each of drawn) {
    const beneath = [...kinds].some(([path]) => path.startsWith(`${each[0]}/`));
    const leads = [...kinds].some(
      ([path, [, kind]]) => each[0].startsWith(`${path}/`) && !["directory", "opaque"].includes(kind),
    );
    if (!kinds.has(each[0]) && !leads && !(beneath && !["directory", "opaque"].includes(each[1])))
      kinds.set(each[0], each);
  }
  return [...kinds.values()].sort(([one], [other]) => (one < other ? -1 : 1)).flatMap(entriesOf);
}

function entriesOf([path, kind, number]: Drawn): LayerEntry[] {
  const at = path.lastIndexOf("/") + 1;
  if (kind === "file") return [file(path, String(number))];
  if (kind === "symlink") return [{ path, type: "symlink", target: String(number) }];
  if (kind === "whiteout") return [file(`${path.slice(0, at)}.wh.${path.slice(at)}`)];
  return [directory(path, number), ...(kind === "opaque" ? [file(`${path}/.wh..wh..opq`)] : [])];
}

/** Lays a layer over a tree as overlayfs does. */
function overlay(tree: Map<string, string>, changes: readonly LayerChange[]): void {
  const remove = (path: string, itself: boolean) => {
    for (const each of tree.keys()) if (each.startsWith(`${path}/`) || (itself && each === path)) tree.delete(each);
  };
  const named = changes.filter((change) => "path" in change);
  for (const change of named) if (change.type === "whiteout") remove(change.path, true);
  for (const change of named) if (change.type === "opaque") remove(change.path, false);
  for (const change of named) {
    const parts = change.path.split("/");
    for (let length = 1; length < parts.length; length += 1) {
      const parent = parts.slice(0, length).join("/");
      if (!(tree.get(parent) ?? "directory").startsWith("directory")) tree.delete(parent);
    }
  }
  let current = "";
  for (const change of changes) {
    if (change.type === "data") tree.set(current, `${tree.get(current)} ${Buffer.from(change.bytes)}`);
    if (!("path" in change) || change.type === "whiteout" || change.type === "opaque" || change.type === "link")
      continue;
    current = change.path;
    if (change.type !== "directory") remove(change.path, true);
    tree.set(change.path, `${change.type} ${change.attributes.mode} ${"target" in change ? change.target : ""}`);
  }
}
