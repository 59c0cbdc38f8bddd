import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { type Digest, digestOf } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { startChild } from "../testing/child.ts";
import { recorder } from "../testing/fake-perform.ts";
import { scratch } from "../testing/scratch.ts";
import { type Layers, openLayers } from "./open-layers.ts";

const a = digestOf("a");
const b = digestOf("b");
const c = digestOf("c");
const open = (directory: string) => openLayers(directory, { perform: recorder().perform });

async function make(layers: Layers, chainId: Digest, parent?: Digest) {
  const staging = await layers.prepare(chainId, { parent });
  if (!staging) throw new Error("there already");
  return staging;
}

describe("openLayers()", () => {
  test("shows a layer once it is committed, with what its maker said", async () => {
    const layers = open(`${await scratch()}/layers`);
    expect(await layers.get(a)).toBeUndefined();
    const staging = await make(layers, a);
    await writeFile(`${staging.hostPath}/file`, "x");
    expect(await layers.get(a)).toBeUndefined();
    await staging.commit({ diffId: "d" });
    expect(await layers.get(a)).toMatchObject({ chainId: a, info: { diffId: "d" }, createdMs: expect.any(Number) });
    expect(await readdir(layers.treePath(a))).toEqual(["file"]);
    expect(await layers.prepare(a)).toBeUndefined();
    const listed: unknown[] = [];
    for await (const { chainId } of layers.list()) listed.push(chainId);
    expect(listed).toEqual([a]);
    await staging.abort();
    expect(await layers.get(a), "an abort after the commit does nothing").toBeDefined();
  });

  test("begins a tree with the root attributes of the parent", async () => {
    const layers = open(await scratch());
    const lower = await make(layers, a);
    expect((await stat(lower.hostPath)).mode & 0o7777).toBe(0o755);
    const { chmod } = await import("node:fs/promises");
    await chmod(lower.hostPath, 0o2711);
    await lower.commit();
    const upper = await make(layers, b, a);
    expect((await stat(upper.hostPath)).mode & 0o7777).toBe(0o2711);
    for (const path of layers.emptyPaths) expect(await readdir(path)).toEqual([]);
  });

  test("takes a damaged layer's place when a new one is committed, and not before", async () => {
    const directory = await scratch();
    const layers = open(directory);
    await (await make(layers, a)).commit({ first: true });
    await writeFile(`${directory}/${a.slice(7)}/record.json`, "{");
    const aborted = await layers.remake(a);
    await aborted.abort();
    await expect(layers.get(a)).rejects.toMatchObject({ kind: "corrupt" });
    const staging = await layers.remake(a);
    await writeFile(`${staging.hostPath}/fresh`, "x");
    await staging.commit({ first: false });
    expect(await layers.get(a)).toMatchObject({ info: { first: false } });
    expect(await readdir(layers.treePath(a))).toEqual(["fresh"]);
    await (await layers.remake(b)).commit();
    expect(await layers.get(b), "one that is not there is simply made").toBeDefined();
  });

  test("removes what was aborted or left by its scope", async () => {
    const directory = await scratch();
    const layers = open(directory);
    await (await make(layers, a)).abort();
    {
      await using staging = await make(layers, b);
      await writeFile(`${staging.hostPath}/file`, "x");
    }
    expect(await readdir(`${directory}/staging`)).toEqual([]);
    expect(await layers.get(b)).toBeUndefined();
  });

  test("keeps the first of two that make the same layer", async () => {
    const directory = await scratch();
    const [one, other] = [open(directory), open(directory)];
    // Both look before either begins.
    const [first, second] = await Promise.all(
      [one.prepare(a), other.prepare(a)].map((each) => Promise.race([each, undefined])),
    );
    expect([first, second]).toEqual([undefined, undefined]);
    const staging = await make(one, b);
    await mkdir(`${directory}/${b.slice(7)}`);
    await writeFile(
      `${directory}/${b.slice(7)}/record.json`,
      JSON.stringify({ chainId: b, createdMs: 1, info: { by: "the other" } }),
    );
    await staging.commit({ by: "me" });
    expect((await one.get(b))?.info).toEqual({ by: "the other" });
    expect((await readdir(`${directory}/staging`)).filter((name) => name.includes(b.slice(7)))).toEqual([]);
  });

  test("waits for one who makes the same layer, and takes over when that one gives up", async () => {
    const layers = open(await scratch());
    const first = await make(layers, a);
    const waiting = layers.prepare(a);
    await first.commit();
    expect(await waiting).toBeUndefined();
    const second = await make(layers, b);
    const next = layers.prepare(b);
    await second.abort();
    expect(await next).toBeDefined();
  });

  describe("a layer that was not flushed", () => {
    const recordPath = (directory: string) => `${directory}/${a.slice(7)}/record.json`;
    /** What a power cut leaves at best: all of the tree, made in another boot. */
    const reboot = async (directory: string) => {
      const record = JSON.parse(await readFile(recordPath(directory), "utf8"));
      await writeFile(recordPath(directory), JSON.stringify({ ...record, unflushedIn: "another boot" }));
    };

    test("is there until the machine goes down, and is made anew afterwards", async () => {
      const directory = await scratch();
      const { perform, plans } = recorder();
      const layers = openLayers(directory, { perform });
      await (await make(layers, a)).commit({ first: true }, { flush: false });
      expect(plans, "no flush").toEqual([]);
      expect(await layers.get(a)).toMatchObject({ info: { first: true } });
      expect(layers.missing([a, b])).toEqual([b]);
      await reboot(directory);
      expect(await layers.get(a)).toBeUndefined();
      expect(layers.missing([a, b])).toEqual([a, b]);
      await (await make(layers, a)).commit({ first: false }, { flush: false });
      expect(await layers.get(a)).toMatchObject({ info: { first: false } });
      expect(await readdir(`${directory}/staging`)).toEqual([]);
    });

    test("stays once it was settled, by one flush for all of them", async () => {
      const directory = await scratch();
      const { perform, plans } = recorder();
      const layers = openLayers(directory, { perform });
      for (const chainId of [a, b]) await (await make(layers, chainId)).commit({}, { flush: false });
      await layers.settle();
      expect(plans.map(({ lane }) => lane.steps.map(({ op }) => op))).toEqual([["open", "syncFileSystem"]]);
      await reboot(directory);
      expect(layers.missing([a, b])).toEqual([]);
      await layers.settle();
      expect(plans).toHaveLength(1);
    });

    test("counts as absent when the cut has damaged its record, while a flushed one is corrupt", async () => {
      const directory = await scratch();
      const layers = open(directory);
      await (await make(layers, a)).commit({}, { flush: false });
      await writeFile(recordPath(directory), "");
      expect(await layers.get(a)).toBeUndefined();
      await (await make(layers, a)).commit();
      await writeFile(recordPath(directory), "");
      await expect(layers.get(a)).rejects.toMatchObject({ kind: "corrupt" });
    });

    test("is not taken away from one who has made it anew meanwhile", async () => {
      const directory = await scratch();
      const [one, other] = [open(directory), open(directory)];
      await (await make(one, a)).commit({ by: "the last boot" }, { flush: false });
      await reboot(directory);
      const both = await Promise.all([one.prepare(a), other.prepare(a)]);
      for (const [index, staging] of both.entries()) await staging?.commit({ by: index }, { flush: false });
      expect(await one.get(a)).toBeDefined();
      expect(await other.prepare(a)).toBeUndefined();
    });
  });

  test("gives a root that the layer does not name the attributes of a parent that came later", async () => {
    const layers = open(await scratch());
    const [lower, upper, named] = [await make(layers, a), await make(layers, b, a), await make(layers, c, a)];
    const { chmod } = await import("node:fs/promises");
    await chmod(lower.hostPath, 0o2711);
    await lower.commit({}, { flush: false });
    await upper.commit({}, { flush: false });
    await named.commit({}, { flush: false, rootIsNamed: true });
    const modeOf = async (chainId: Digest) => (await stat(layers.treePath(chainId))).mode & 0o7777;
    expect([await modeOf(b), await modeOf(c)]).toEqual([0o2711, 0o755]);
  });

  test("stops waiting at a signal", async () => {
    const layers = open(await scratch());
    await make(layers, a);
    const stop = new AbortController();
    const waiting = layers.prepare(a, { signal: stop.signal });
    setTimeout(() => stop.abort(), 10);
    await expect(waiting).rejects.toMatchObject({ kind: "cancelled" });
  });

  test("takes over from a process that was killed, and reclaims its tree", async () => {
    const directory = await scratch();
    const child = startChild(
      `import { openLayers } from "./layers/open-layers.ts";
       import { recorder } from "./testing/fake-perform.ts";
       const staging = await openLayers(process.argv[1], recorder()).prepare(process.argv[2]);
       console.log(staging.hostPath);
       setInterval(() => {}, 1000);`,
      directory,
      a,
    );
    await child.printed("tree");
    const layers = open(directory);
    const waiting = layers.prepare(a);
    child.process.kill("SIGKILL");
    await child.ended;
    const staging = await waiting;
    expect(await readdir(`${directory}/staging`)).toHaveLength(2);
    await layers.reclaim();
    expect(await readdir(`${directory}/staging`)).toHaveLength(1);
    await staging?.commit();
    expect(await layers.get(a)).toBeDefined();
  });

  test("deletes a layer, and says when there was none", async () => {
    const directory = await scratch();
    const layers = open(directory);
    expect(await layers.delete(a)).toBe(false);
    await (await make(layers, a)).commit();
    expect(await layers.delete(a)).toBe(true);
    expect(await layers.get(a)).toBeUndefined();
    expect(await readdir(`${directory}/staging`)).toEqual([]);
  });

  test("tells a damaged record, and refuses digests that would become other paths", async () => {
    const directory = await scratch();
    const layers = open(directory);
    await (await make(layers, a)).commit();
    for (const text of ["{", "null", JSON.stringify({ chainId: b }), `"${"x".repeat(300_000)}"`]) {
      await writeFile(`${directory}/${a.slice(7)}/record.json`, text);
      await expect(layers.get(a)).rejects.toMatchObject({ kind: "corrupt", code: "storage.layer-record" });
    }
    for (const bad of ["sha256:../x", "sha256:", "x"]) {
      expect(() => layers.treePath(bad as Digest)).toThrow(expect.objectContaining({ kind: "invalid" }));
      await expect(layers.prepare(bad as Digest)).rejects.toMatchObject({ kind: "invalid" });
    }
  });
});
