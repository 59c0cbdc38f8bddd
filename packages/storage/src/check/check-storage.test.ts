import { mkdir, rename, writeFile } from "node:fs/promises";
import { digestOf } from "@galley/spec";
import { describe, expect, test } from "vitest";
import type { Live } from "../garbage/collect-garbage.ts";
import type { Storage } from "../open-storage.ts";
import { scratch } from "../testing/scratch.ts";
import { live, open, push, unpack } from "../testing/whole-store.ts";
import { checkStorage } from "./check-storage.ts";
import { strayPaths } from "./stray-paths.ts";

describe("checkStorage()", () => {
  const problems = async (storage: Storage, roots: Live, readBlobs = true) => {
    const found: string[] = [];
    for await (const { object, problem } of checkStorage({ ...storage, roots: async () => roots, readBlobs }))
      found.push(`${object} ${problem}`);
    return found.sort();
  };

  test("finds nothing wrong with a whole store", async () => {
    const storage = open(await scratch());
    expect(await problems(storage, live([await push(storage, "x")], [await unpack(storage, "layer")]))).toEqual([]);
  });

  test("finds what is missing and what is damaged", async () => {
    const directory = await scratch();
    const storage = open(directory);
    const [bent, layer] = [await push(storage, "bent"), await unpack(storage, "layer")];
    await writeFile(`${directory}/content/blobs/${bent.replace(":", "/")}`, "BENT");
    await rename(`${directory}/layers/${layer.slice(7)}/record.json`, `${directory}/layers/${layer.slice(7)}/other`);
    const roots = live([bent, digestOf("none")], [layer, digestOf("none")]);
    expect(await problems(storage, roots)).toEqual(["blob damaged", "blob missing", "layer damaged", "layer missing"]);
    expect(await problems(storage, roots, false)).toEqual(["blob missing", "layer damaged", "layer missing"]);
    await writeFile(`${directory}/layers/${layer.slice(7)}/record.json`, "{");
    expect(await problems(storage, live([bent], [layer]), false)).toEqual(["layer damaged"]);
  });

  test("finds what nothing names, unless a running pull is about to", async () => {
    const storage = open(await scratch());
    const [blob, layer] = [await push(storage, "x"), await unpack(storage, "layer")];
    expect(await problems(storage, live())).toEqual(["blob unreferenced", "layer unreferenced"]);
    await using lease = await storage.leases.take();
    await lease.add(blob, layer);
    expect(await problems(storage, live())).toEqual([]);
  });
});

describe("strayPaths()", () => {
  const strays = async (directory: string) => {
    const found: string[] = [];
    for await (const path of strayPaths(directory)) found.push(path.slice(directory.length + 1));
    return found.sort();
  };

  test("finds nothing in a store in use, and in one that is not there", async () => {
    const directory = await scratch();
    expect(await strays(`${directory}/none`)).toEqual([]);
    const storage = open(directory);
    await push(storage, "x");
    await unpack(storage, "layer");
    const staging = await storage.layers.prepare(digestOf("being made"));
    await storage.containers.prepare("a".repeat(64));
    storage.records.transaction(() => storage.records.collection("things").put("k", 1), { durable: true });
    const lease = await storage.leases.take();
    await lease.add(digestOf("x"));
    expect(await strays(directory)).toEqual([]);
    await staging?.abort();
    await lease.release();
  });

  test("finds what nothing here would have made", async () => {
    const directory = await scratch();
    const storage = open(directory);
    await push(storage, "x");
    const layer = (await unpack(storage, "layer")).slice(7);
    const odd = [
      "notes.txt",
      "content/blobs/sha256/abc",
      "layers/empty/0/file",
      "layers/zzz",
      "content/staging/tmp123",
      "containers/web",
    ];
    for (const path of odd)
      await writeFile(`${directory}/${path}`, "").catch(async () => {
        await mkdir(`${directory}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
        await writeFile(`${directory}/${path}`, "");
      });
    await writeFile(`${directory}/layers/${layer}/tree/anything`, "the layer's own");
    expect(await strays(directory)).toEqual(odd.toSorted());
  });
});
