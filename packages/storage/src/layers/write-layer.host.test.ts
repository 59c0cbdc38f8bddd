import { lstatSync, mkdirSync } from "node:fs";
import { createLayer, type LayerEntry, layerChanges, layerSteps, writeChanges, writeLayer } from "@galley/image";
import type { Perform } from "@galley/plan";
import { decodeName } from "@galley/spec";
import { beforeAll, describe, expect, test } from "vitest";
import { performProblem } from "../testing/real-perform.ts";
import { scratch } from "../testing/scratch.ts";
import { applyLayer } from "./apply-layer.ts";

const reason = performProblem();
const latin = decodeName(Buffer.of(0x61, 0xe9, 0xff));
const times = { seconds: 1_700_000_000 };
const directory = (path: string, more: Partial<LayerEntry> = {}): LayerEntry => ({
  path,
  type: "directory",
  ...times,
  ...more,
});
const file = (path: string, more: Partial<LayerEntry> = {}): LayerEntry => ({
  path,
  type: "file",
  content: path,
  ...times,
  ...more,
});

/** Sorted as walk sorts, and with what a written layer has: all parents, whole seconds. */
const entries: readonly LayerEntry[] = [
  directory(".", { mode: 0o711 }),
  file(latin),
  directory("d", { mode: 0o1777, uid: 3, gid: 4 }),
  file("d/.wh..wh..opq", { content: "", mode: 0, seconds: 0 }),
  file("d/capable", {
    mode: 0o4755,
    xattrs: { "security.capability": Buffer.from("0100000280200000000000000000000000000000", "hex") },
  }),
  { path: "d/link", type: "symlink", target: latin, mode: 0o777, uid: 5, ...times },
  file("d/old", { seconds: -86_400, uid: 100_000, gid: 2 ** 31 - 1 }),
  { path: "dev", type: "character", major: 1, minor: 3, mode: 0o666, ...times },
  { path: "disk", type: "block", major: 259, minor: 300_000, mode: 0o600, ...times },
  { path: "fifo", type: "fifo", mode: 0o620, ...times },
  file("first", { content: "x".repeat(700_000), mode: 0o644, xattrs: { "user.a": "", "user.b": "c" } }),
  { path: "first-link", type: "link", target: "first", mode: 0o644, xattrs: { "user.a": "", "user.b": "c" }, ...times },
  file(".wh.gone", { content: "", mode: 0, seconds: 0 }),
  directory("long"),
  directory(`long/${"d".repeat(255)}`),
  file(`long/${"d".repeat(255)}/${"f".repeat(255)}`),
  file(`long/${"d".repeat(255)}/.wh.${"w".repeat(255)}`, { content: "", mode: 0, seconds: 0 }),
  file("sparse", { content: Buffer.concat([Buffer.alloc(3_000_000), Buffer.from("end")]) }),
];

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(Uint8Array.from(chunk));
  return Buffer.concat(chunks);
}

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

describe.skipIf(reason)(`writeLayer() of trees on a disk${reason && ` (skipped: ${reason})`}`, () => {
  let perform: Perform;
  let walkTree: typeof import("@galley/stage").walkTree;
  beforeAll(async () => {
    ({ perform, walkTree } = await import("@galley/stage"));
  });

  const unpack = async (tar: Uint8Array): Promise<string> => {
    const path = `${await scratch()}/tree`;
    mkdirSync(path);
    await applyLayer(path, (root) => layerSteps(inPieces(tar), { root }), { perform });
    return path;
  };
  const write = (path: string, options: Parameters<typeof writeLayer>[1] = {}): Promise<Buffer> =>
    collect(writeLayer(walkTree(path, { content: true, xattrs: true }), { marks: "trusted", ...options }));

  test("gives a layer back byte for byte after it was unpacked", async () => {
    const layer = await collect(createLayer(entries));
    const tree = await unpack(layer);
    const written = await write(tree);
    expect(Buffer.compare(written, layer)).toBe(0);
    expect(lstatSync(`${tree}/sparse`).blocks * 512).toBeLessThan(1_000_000);
    const again = await unpack(written);
    expect(Buffer.compare(await write(again), layer)).toBe(0);
  });

  test("keeps nanoseconds where asked", async () => {
    const layer = await collect(createLayer([directory("."), file("exact", { nanoseconds: 123_456_789 })]));
    const tree = await unpack(layer);
    expect(Buffer.compare(await write(tree, { times: "exact" }), layer)).toBe(0);
    expect((await write(tree)).includes("mtime=")).toBe(false);
  });

  test("gives back the same changes that writeChanges() was given", async () => {
    const layer = await collect(createLayer(entries));
    const attributes = async (bytes: Uint8Array) => {
      const told: unknown[] = [];
      for await (const batch of layerChanges(inPieces(bytes)))
        told.push(...batch.filter(({ type }) => type !== "data" && type !== "hole"));
      return told;
    };
    const rewritten = await collect(writeChanges(layerChanges(inPieces(layer))));
    expect(await attributes(rewritten)).toEqual(await attributes(layer));
  });
});
