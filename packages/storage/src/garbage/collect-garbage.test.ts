import { readdir } from "node:fs/promises";
import { digestOf } from "@galley/spec";
import { describe, expect, test } from "vitest";
import type { Storage } from "../open-storage.ts";
import { blob, inPieces } from "../testing/bytes.ts";
import { startChild } from "../testing/child.ts";
import { scratch } from "../testing/scratch.ts";
import { live, open, push, unpack } from "../testing/whole-store.ts";
import { collectGarbage, type Live } from "./collect-garbage.ts";
import { underLease } from "./under-lease.ts";

const collect = (storage: Storage, roots: () => Promise<Live> | Live) =>
  collectGarbage({ ...storage, roots: async () => roots() });

describe("collectGarbage()", () => {
  test("removes what nothing names, and only that", async () => {
    const storage = open(await scratch());
    const [keep, drop] = [await push(storage, "keep"), await push(storage, "drop")];
    const [keepLayer, dropLayer] = [await unpack(storage, "keep"), await unpack(storage, "drop")];
    expect(await collect(storage, () => live([keep], [keepLayer]))).toEqual({
      blobs: [drop],
      layers: [dropLayer],
      freedBytes: 4,
    });
    expect(await storage.content.exists(blob("keep").descriptor)).toBe(true);
    expect(await storage.content.exists(blob("drop").descriptor)).toBe(false);
    expect(await storage.layers.get(keepLayer)).toBeDefined();
    expect(await storage.layers.get(dropLayer)).toBeUndefined();
    expect(await collect(storage, () => live([keep], [keepLayer]))).toMatchObject({ blobs: [], layers: [] });
  });

  test("works on a store that is not there", async () => {
    expect(await collect(open(`${await scratch()}/none`), () => live())).toEqual({
      blobs: [],
      layers: [],
      freedBytes: 0,
    });
  });

  test("loses nothing of a pull that holds a lease, be it found or brought", async () => {
    const storage = open(await scratch());
    await push(storage, "found");
    const lease = await storage.leases.take();
    const content = underLease(storage.content, lease);
    expect(await content.exists(blob("found").descriptor)).toBe(true);
    await push({ content }, "brought");
    await content.receive(blob("received").descriptor, async () => inPieces(blob("received").bytes));
    await lease.add(await unpack(storage, "layer"));
    expect(await collect(storage, () => live())).toMatchObject({ blobs: [], layers: [] });
    await lease.release();
    expect(await collect(storage, () => live())).toMatchObject({ blobs: { length: 3 }, layers: { length: 1 } });
  });

  test("keeps what a pull came to need between the first look and the removal", async () => {
    const storage = open(await scratch());
    const [recorded, leased] = [await push(storage, "recorded"), await push(storage, "leased")];
    const layer = await unpack(storage, "layer");
    let looks = 0;
    const swept = await collect(storage, async () => {
      looks += 1;
      if (looks === 1) return live();
      await (await storage.leases.take()).add(leased);
      return live([recorded], [layer]);
    });
    // The lease was taken after the leases were read the second time: too late for this look, as for a pull that
    // finds its blob hidden. It is gone, and the pull brings it again.
    expect(swept).toMatchObject({ blobs: [leased], layers: [] });
    expect(await storage.content.exists(blob("recorded").descriptor)).toBe(true);
    expect(await storage.layers.get(layer)).toBeDefined();
  });

  test("brings everything back when the records cannot be read a second time", async () => {
    const storage = open(await scratch());
    await push(storage, "x");
    await unpack(storage, "layer");
    let looks = 0;
    const swept = await collect(storage, () => {
      looks += 1;
      if (looks > 1) throw new Error("the disk is gone");
      return live();
    });
    expect(swept).toMatchObject({ blobs: [], layers: [] });
    expect(await storage.content.exists(blob("x").descriptor)).toBe(true);
    expect(await storage.layers.get(digestOf("layer"))).toBeDefined();
  });

  test("brings back what a collector hid that was killed", async () => {
    const directory = await scratch();
    const storage = open(directory);
    const digest = await push(storage, "x");
    const layer = await unpack(storage, "layer");
    const child = startChild(
      `import { openStorage } from "./open-storage.ts";
       import { recorder } from "./testing/fake-perform.ts";
       const { content, layers } = openStorage(process.argv[1], recorder());
       await content.sweeper.hide(process.argv[2]);
       await layers.sweeper.hide(process.argv[3]);
       console.log("hidden");
       setInterval(() => {}, 1000);`,
      directory,
      digest,
      layer,
    );
    await child.printed("hidden");
    expect(await storage.layers.get(layer)).toBeUndefined();
    child.process.kill("SIGKILL");
    await child.ended;
    await storage.reclaim();
    expect(await storage.layers.get(layer), "reclaim removes no hidden layer").toBeDefined();
    expect(await collect(storage, () => live([digest], [layer]))).toMatchObject({ blobs: [], layers: [] });
    expect(await storage.content.exists(blob("x").descriptor)).toBe(true);
  });

  test("forgets the leases of dead processes", async () => {
    const directory = await scratch();
    const storage = open(directory);
    const digest = await push(storage, "x");
    const child = startChild(
      `import { openLeases } from "./garbage/open-leases.ts";
       await (await openLeases(process.argv[1] + "/leases").take()).add(process.argv[2]);`,
      directory,
      digest,
    );
    expect(await child.ended, child.output()).toBe(0);
    expect(await readdir(`${directory}/leases`)).toHaveLength(1);
    expect(await collect(storage, () => live())).toMatchObject({ blobs: [digest] });
    expect(await readdir(`${directory}/leases`)).toEqual([]);
  });
});
