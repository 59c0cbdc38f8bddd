import { digestOf } from "@galley/spec";
import fc from "fast-check";
import { expect, test } from "vitest";
import { collect, describe, pieces } from "./testing/image.ts";
import { verified } from "./verified.ts";

test("verified() passes content through, however it is cut", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array(), fc.integer({ min: 1, max: 20 }), async (bytes, pieceBytes) => {
      expect(await collect(verified(describe(bytes), pieces(bytes, pieceBytes)))).toEqual(Buffer.from(bytes));
    }),
  );
});

test("verified() knows sha512", async () => {
  const descriptor = { ...describe("hello"), digest: digestOf("hello", "sha512") };
  expect(String(await collect(verified(descriptor, pieces("hello"))))).toBe("hello");
});

test.each(["hell", "hello!", "hallo", ""])("verified() refuses %j for hello", async (text) => {
  await expect(collect(verified(describe("hello"), pieces(text)))).rejects.toMatchObject({
    kind: "corrupt",
    code: "registry.digest-mismatch",
  });
});

test("verified() does not wait for the end of content that is too long", async () => {
  const endless = async function* () {
    for (;;) yield Buffer.alloc(1000);
  };
  await expect(collect(verified(describe("hello"), endless()))).rejects.toMatchObject({ kind: "corrupt" });
});
