import { benignArchives, forgeArchive, hostileArchives } from "@galley/conformance";
import { encodeStream, slot } from "@galley/plan";
import { isGalleyError } from "@galley/spec";
import fc from "fast-check";
import { expect, test } from "vitest";
import { inPieces } from "../testing/streams.ts";
import { layerSteps } from "./layer-steps.ts";

const mostBytes = 24 * 1024;

/** Archives of the corpus that are small enough to be bent often. */
const seeds = [...benignArchives, ...hostileArchives].flatMap((archive) => {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for (const chunk of forgeArchive(archive)) {
    sizeBytes += chunk.length;
    if (sizeBytes > mostBytes) return [];
    chunks.push(chunk);
  }
  return [Buffer.concat(chunks)];
});

type Bend = (bytes: Buffer) => Buffer;

const place = fc.nat(mostBytes);
/** Blocks, since that is where an archive has its joints; the sum is put right often, or little would come behind it. */
const bend: fc.Arbitrary<Bend> = fc.oneof(
  fc.tuple(place, fc.nat(255)).map(
    ([at, byte]): Bend =>
      (bytes) =>
        bytes.with(at % bytes.length, byte) as Buffer,
  ),
  fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 12 })).map(
    ([at, some]): Bend =>
      (bytes) => {
        const bent = Buffer.from(bytes);
        Buffer.from(some).copy(bent, at % bent.length);
        return summed(bent, at % bent.length);
      },
  ),
  place.map(
    (at): Bend =>
      (bytes) =>
        bytes.subarray(0, at % bytes.length),
  ),
  fc.tuple(place, place).map(
    ([from, to]): Bend =>
      (bytes) => {
        const [a, b] = [from, to].map((at) => ((at % bytes.length) >> 9) << 9) as [number, number];
        return Buffer.concat([bytes.subarray(0, a), bytes.subarray(b, b + 1024), bytes.subarray(a)]);
      },
  ),
  fc.nat(seeds.length - 1).map(
    (other): Bend =>
      (bytes) =>
        Buffer.concat([bytes.subarray(0, -1024), seeds[other] as Buffer]),
  ),
);

/** With the right sum in the header block that holds the place. */
function summed(bytes: Buffer, at: number): Buffer {
  const block = bytes.subarray((at >> 9) << 9, ((at >> 9) << 9) + 512);
  if (block.length < 512) return bytes;
  block.fill(" ", 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return bytes;
}

test("layerSteps() takes any bent archive of the corpus: as steps that a plan can carry, or with an error of ours, and soon", {
  timeout: 120_000,
}, async () => {
  const kinds = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.nat(seeds.length - 1),
      fc.array(bend, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 4096 }),
      async (seed, bends, pieceBytes) => {
        const bytes = bends.reduce(
          (bent, each) => (bent.length > 0 ? Buffer.from(each(bent)) : bent),
          seeds[seed] as Buffer,
        );
        const numbering = { lanes: [], slots: new Map(), marks: new Map() };
        const start = performance.now();
        try {
          for await (const steps of layerSteps(inPieces(bytes, pieceBytes), { root: slot("root") }))
            encodeStream(steps, numbering);
          kinds.add("unpacked");
        } catch (error) {
          if (!isGalleyError(error) || !error.code.startsWith("image.")) throw error;
          kinds.add(error.kind);
        }
        expect(performance.now() - start).toBeLessThan(2000);
      },
    ),
    { numRuns: Number(process.env["FUZZ_RUNS"] ?? 2000) },
  );
  expect([...kinds].sort()).toEqual(["corrupt", "invalid", "unpacked", "unsupported"]);
});
