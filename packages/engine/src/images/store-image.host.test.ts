import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createImage, createLayer, type LayerEntry } from "@galley/image";
import type { Perform } from "@galley/plan";
import { type Fetcher, galleyError, parseReference } from "@galley/spec";
import { beforeAll, describe, expect, test } from "vitest";
import type { Engine } from "../engine.ts";
import { scratchEngine } from "../testing/scratch-engine.ts";
import { ensureLayers } from "./ensure-layers.ts";
import { imageRecords } from "./image-record.ts";
import { type PullProgress, storeImage } from "./store-image.ts";

const program = new URL("../../../stage/build/Release/stage", import.meta.url);
const problem = process.getuid?.() === 0 ? (existsSync(program) ? "" : "packages/stage is not built") : "not root";
const references = [parseReference("example.test/app:1")];
const file = (path: string, content: string | Uint8Array): LayerEntry => ({ path, type: "file", content });

describe.skipIf(problem)(`storeImage()${problem && ` (skipped: ${problem})`}`, () => {
  let perform: Perform;
  beforeAll(async () => {
    ({ perform } = await import("@galley/stage"));
  });
  const image = (layers: LayerEntry[][], compression: "gzip" | "zstd" | "none" = "gzip") =>
    createImage({ layers: layers.map((entries) => ({ tar: createLayer(entries), compression })) });
  const staging = ({ storage }: Engine): string[] =>
    ["layers/staging", "content/staging"].flatMap((path) => {
      const hostPath = `${storage.directory}/${path}`;
      return existsSync(hostPath) ? readdirSync(hostPath) : [];
    });
  const expectNothing = (engine: Engine) => {
    expect(imageRecords(engine).list()).toEqual([]);
    expect(staging(engine)).toEqual([]);
    expect(readdirSync(`${engine.storage.directory}/layers`).filter((name) => name.length === 64)).toEqual([]);
  };

  test("unpacks while blobs come, keeps what layers are like, and says how large they are", async () => {
    const engine = await scratchEngine({ perform });
    const big = new Uint8Array(700_000).map((_, index) => (index * 7) % 251);
    const { content, descriptor: root } = await image([
      [{ path: "", type: "directory", mode: 0o711 }, file("etc/passwd", "root:x:0:0::/:/bin/sh\n"), file("big", big)],
      [file("second", "2"), file("etc/.wh.gone", "")],
      [file("third", "3")],
    ]);
    const told: PullProgress[] = [];
    const record = await storeImage(engine, { content, root }, { references, onProgress: (each) => told.push(each) });
    const trees = record.layers.map(({ chainId }) => engine.storage.layers.treePath(chainId));
    expect(Buffer.compare(readFileSync(`${trees[0]}/big`), big)).toBe(0);
    expect(readFileSync(`${trees[2]}/third`, "utf8")).toBe("3");
    expect(trees.map((tree) => statSync(tree).mode & 0o7777)).toEqual([0o711, 0o711, 0o711]);
    expect(record.accounts.passwd).toContain("root:x:0:0");
    expect(record.layers.map(({ unpackedBytes }) => (unpackedBytes ?? 0) > 0)).toEqual([true, true, true]);
    expect(record.layers[0]?.unpackedBytes).toBeGreaterThan(700_000);
    for (const { descriptor } of record.layers) {
      const states = told.filter(({ digest }) => digest === descriptor.digest).map(({ state }) => state);
      expect([states[0], states.at(-2), states.at(-1)]).toEqual(["downloading", "downloaded", "done"]);
    }
    expect(staging(engine)).toEqual([]);
    const again = await storeImage(engine, { content, root }, { references });
    expect(again.layers).toEqual(record.layers);
  });

  test("leaves nothing visible when a layer is another one than the configuration says", async () => {
    const engine = await scratchEngine({ perform });
    const right = await image([[file("a", "a")], [file("b", "b")]], "none");
    const wrong = await image([[file("a", "a")], [file("c", "c")]], "none");
    const [, , other] = [...wrong.content.blobs.keys()];
    const lying: Fetcher = {
      async fetch(descriptor, options) {
        const stream = await right.content.fetch(descriptor, options);
        return descriptor.mediaType.includes("tar") && descriptor.digest !== other ? flipped(stream) : stream;
      },
    };
    await expect(storeImage(engine, { content: lying, root: right.descriptor }, { references })).rejects.toMatchObject({
      kind: "corrupt",
    });
    expectNothing(engine);
  });

  test("leaves nothing of a source that breaks off, and goes on where it stopped", async () => {
    const engine = await scratchEngine({ perform });
    const bytes = new Uint8Array(3_000_000).map((_, index) => (index * index) % 253);
    const { content, descriptor: root } = await image([[file("f", bytes)]], "none");
    const offsets: number[] = [];
    let cut = true;
    const source: Fetcher = {
      async fetch(descriptor, options) {
        const stream = await content.fetch(descriptor, options);
        if (!descriptor.mediaType.includes("tar")) return stream;
        offsets.push(options?.offsetBytes ?? 0);
        return cut ? firstHalf(stream, descriptor.size / 2) : stream;
      },
    };
    await expect(storeImage(engine, { content: source, root }, { references })).rejects.toThrow(/cut/);
    expectNothing(engine);
    cut = false;
    const record = await storeImage(engine, { content: source, root }, { references });
    expect(offsets).toEqual([0, expect.any(Number)]);
    expect(offsets[1]).toBeGreaterThan(1_000_000);
    const tree = engine.storage.layers.treePath(record.layers[0]!.chainId);
    expect(Buffer.compare(readFileSync(`${tree}/f`), bytes)).toBe(0);
  });

  test("stops at a signal and waits for all that was under way", async () => {
    const engine = await scratchEngine({ perform });
    const made = await image(
      Array.from({ length: 6 }, (_, index) => [file(`f${index}`, new Uint8Array(400_000))]),
      "none",
    );
    const stop = new AbortController();
    const endless: Fetcher = {
      async fetch(descriptor, options) {
        const stream = await made.content.fetch(descriptor, options);
        return descriptor.mediaType.includes("tar") ? hanging(stream, stop, options?.signal) : stream;
      },
    };
    const storing = storeImage(
      engine,
      { content: endless, root: made.descriptor },
      { references, signal: stop.signal },
    );
    await expect(storing).rejects.toThrow();
    expectNothing(engine);
  });

  test("makes layers anew that a boot before has left to its kernel, from their blobs", async () => {
    const engine = await scratchEngine({ perform });
    const { content, descriptor: root } = await image([[file("a", "a")], [file("b", "b")]]);
    const { layers } = await storeImage(engine, { content, root }, { references });
    for (const { chainId } of layers) {
      const tree = engine.storage.layers.treePath(chainId);
      const record = JSON.parse(readFileSync(`${tree}/../record.json`, "utf8"));
      expect(record.unflushedIn).toBe(readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
      writeFileSync(`${tree}/../record.json`, JSON.stringify({ ...record, unflushedIn: "another boot" }));
      writeFileSync(`${tree}/lost`, "what a power cut left");
    }
    await ensureLayers(engine, layers);
    expect(layers.map(({ chainId }) => readdirSync(engine.storage.layers.treePath(chainId)))).toEqual([["a"], ["b"]]);
    expect(engine.storage.layers.missing(layers.map(({ chainId }) => chainId))).toEqual([]);
    await engine.storage.content.delete(layers[0]!.descriptor.digest);
    await engine.storage.layers.delete(layers[0]!.chainId);
    await expect(ensureLayers(engine, layers)).rejects.toThrow(/pulled again/);
  });

  test("takes 500 layers, which the kernel stacks, and refuses more before it fetches any", {
    timeout: 120_000,
  }, async () => {
    const engine = await scratchEngine({ perform });
    const names = Array.from({ length: 501 }, (_, index) => `f${index}`);
    const most = await image(
      names.slice(1).map((name) => [file(name, name), file("etc/passwd", `${name}:x:0:0::/:\n`)]),
    );
    const { accounts } = await storeImage(engine, { content: most.content, root: most.descriptor }, { references });
    expect(accounts.passwd, "the top-most layer wins").toContain("f500:");
    const tooMany = await image(names.map((name) => [file(name, name)]));
    let fetched = 0;
    const source: Fetcher = {
      async fetch(descriptor, options) {
        if (descriptor.mediaType.includes("tar")) fetched += 1;
        return tooMany.content.fetch(descriptor, options);
      },
    };
    const storing = storeImage(engine, { content: source, root: tooMany.descriptor }, { references });
    await expect(storing).rejects.toMatchObject({ kind: "unsupported", code: "engine.too-many-layers" });
    expect(fetched).toBe(0);
  });

  test("says that the disk is full, and leaves nothing", async () => {
    const engine = await scratchEngine({ perform });
    const base = engine.places.root.replace(/\/root$/, "/full");
    execFileSync("mkdir", [base]);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", base]);
    try {
      const { openEngine } = await import("../engine.ts");
      using small = openEngine({ root: `${base}/root`, runroot: `${base}/run` }, engine.ports);
      const content = Buffer.alloc(9_000_000, "not all zeros");
      for (const size of [content.length, 40_000]) {
        const entries = Array.from({ length: Math.ceil(content.length / size) }, (_, index) =>
          file(`f${index}`, content.subarray(0, size)),
        );
        const made = await image([entries]);
        const storing = storeImage(small, { content: made.content, root: made.descriptor }, { references });
        await expect(storing).rejects.toMatchObject({ kind: "unavailable" });
        expectNothing(small);
      }
    } finally {
      execFileSync("umount", [base]);
    }
  });
});

async function* flipped(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  for await (const chunk of stream) yield chunk.map((byte) => (byte === 0x61 ? 0x62 : byte));
}

async function* firstHalf(stream: AsyncIterable<Uint8Array>, sizeBytes: number): AsyncIterable<Uint8Array> {
  for await (const chunk of stream) {
    yield chunk.subarray(0, sizeBytes);
    throw galleyError("unavailable", "test.cut", "the line is cut");
  }
}

async function* hanging(stream: AsyncIterable<Uint8Array>, stop: AbortController, signal?: AbortSignal) {
  for await (const chunk of stream) {
    yield chunk.subarray(0, 100_000);
    setTimeout(() => stop.abort(), 50);
    await new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  }
}
