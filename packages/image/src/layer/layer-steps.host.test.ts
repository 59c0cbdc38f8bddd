import { execFileSync } from "node:child_process";
import { createGzip } from "node:zlib";
import { forge } from "@galley/conformance";
import { describe, expect, test } from "vitest";
import { collect, inPieces } from "../testing/streams.ts";

const gibibytes = 1;

/** A small gzip of an archive with a header, then so many zeros. */
async function bomb(header: Uint8Array): Promise<Uint8Array> {
  const gzip = createGzip({ level: 9 });
  const zeros = Buffer.alloc(1024 * 1024);
  const write = async () => {
    gzip.write(header);
    for (let written = 0; written < gibibytes * 1024; written += 1)
      if (!gzip.write(zeros)) await new Promise((resolve) => gzip.once("drain", resolve));
    gzip.end();
  };
  const [bytes] = await Promise.all([collect(gzip as AsyncIterable<Uint8Array>), write()]);
  return bytes;
}

const size = (gibibytes * 2 ** 30).toString(8).padStart(11, "0");
const bombs: [string, Uint8Array][] = [
  ["as one file", forge({ name: "zeros", size: `${size}\0` }).subarray(0, 512)],
  ["after the end of the archive", forge({ name: "empty" })],
];

describe("layerSteps() in bounded memory", () => {
  test.each(bombs)(`passes ${gibibytes} GiB of zeros %s within 250 MB`, { timeout: 60_000 }, async (_, header) => {
    const code = `
      import { decompress } from "./compression/decompress.ts";
      import { layerSteps } from "./layer/layer-steps.ts";
      let bytes = 0;
      for await (const steps of layerSteps(decompress(process.stdin), { root: { slot: "root" } }))
        for (const step of steps) bytes += step.op === "hole" ? step.args.sizeBytes : step.op === "data" ? step.args.bytes.length : 0;
      console.log(JSON.stringify({ bytes, peakKiB: process.resourceUsage().maxRSS }));`;
    const output = execFileSync(process.execPath, ["--conditions=@galley/source", "--input-type=module", "-e", code], {
      cwd: new URL("..", import.meta.url),
      input: await collect(inPieces(await bomb(header))),
      encoding: "utf8",
    });
    const { bytes, peakKiB } = JSON.parse(output);
    expect(bytes === 0 || bytes === gibibytes * 2 ** 30).toBe(true);
    expect(peakKiB).toBeLessThan(250 * 1024);
  });

  test("keeps no descriptors and no streams of 2000 damaged layers", async () => {
    const code = `
      import { gzipSync, zstdCompressSync } from "node:zlib";
      import { readdirSync } from "node:fs";
      import { decompress } from "./compression/decompress.ts";
      import { layerSteps } from "./layer/layer-steps.ts";
      const whole = Buffer.alloc(5000, "tar?");
      const damaged = [gzipSync(whole), zstdCompressSync(whole), whole].map((bytes) => bytes.subarray(0, bytes.length - 3));
      const open = () => readdirSync("/proc/self/fd").length + process.getActiveResourcesInfo().filter((name) => name !== "TTYWrap").length;
      const run = async (times) => {
        for (let turn = 0; turn < times; turn += 1) {
          const input = async function* () { yield damaged[turn % 3]; };
          try { for await (const _ of layerSteps(decompress(input()), { root: { slot: "root" } })); console.log("read?"); } catch {}
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
        return open();
      };
      console.log((await run(10)) - (await run(2000)));`;
    const output = execFileSync(process.execPath, ["--conditions=@galley/source", "--input-type=module", "-e", code], {
      cwd: new URL("..", import.meta.url),
      encoding: "utf8",
    });
    expect(output).toBe("0\n");
  });
});
