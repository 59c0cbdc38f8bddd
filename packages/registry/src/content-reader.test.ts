import fc from "fast-check";
import { expect, test } from "vitest";
import { createContentReader } from "./content-reader.ts";
import { collect, describe as descriptorOf, pieces } from "./testing/image.ts";

test("createContentReader() gives any ranges in any order, in pieces of any size", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.nat(300), { maxLength: 8 }),
      async (bytes, pieceBytes, starts) => {
        const reader = createContentReader(descriptorOf(bytes), async (at) => pieces(bytes.subarray(at), pieceBytes));
        // As an upload reads: never from beyond what was read before.
        let reached = 0;
        for (const start of starts) {
          const from = Math.min(start, reached);
          const to = Math.min(bytes.length, from + start);
          expect(await collect(reader.read(from, to))).toEqual(Buffer.from(bytes.subarray(from, to)));
          reached = Math.max(reached, to);
        }
        expect(await collect(reader.read(0, bytes.length))).toEqual(Buffer.from(bytes));
        expect(reader.failure).toBeUndefined();
        reader.close();
      },
    ),
  );
});

test("createContentReader() opens again for someone else while the first is still waiting", async () => {
  const bytes = Buffer.from("0123456789");
  let opened = 0;
  const reader = createContentReader(descriptorOf(bytes), async (at) => {
    if (opened++ > 0) return pieces(bytes.subarray(at));
    return (async function* () {
      yield bytes.subarray(0, 4);
      await new Promise(() => undefined);
    })();
  });
  const first = reader.read(0, 10)[Symbol.asyncIterator]();
  await first.next();
  void first.next();
  expect(String(await collect(reader.read(4, 10)))).toBe("456789");
  expect(opened).toBe(2);
});

test("createContentReader() never gives the last piece of what is something else", async () => {
  const bytes = Buffer.from("0123456789");
  for (const wrong of ["0123456780", "012345678", "0123456789x"]) {
    const reader = createContentReader(descriptorOf(bytes), async (at) => pieces(wrong.slice(at), 4));
    const given: Uint8Array[] = [];
    const reading = (async () => {
      for await (const each of reader.read(0, 10)) given.push(each);
    })();
    await expect(reading).rejects.toMatchObject({ kind: "corrupt", code: "registry.digest-mismatch" });
    expect(Buffer.concat(given).byteLength).toBeLessThan(10);
    expect(reader.failure).toMatchObject({ kind: "corrupt" });
  }
});
