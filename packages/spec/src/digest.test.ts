import fc from "fast-check";
import { expect, test } from "vitest";
import { createDigester, digestAlgorithm, digestHex, digestOf, isDigest, parseDigest } from "./digest.ts";

const empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

test("digestOf() gives the known digest of nothing", () => {
  expect(digestOf(new Uint8Array())).toBe(empty);
  expect(digestOf("", "sha512")).toMatch(/^sha512:cf83e1357eefb8bd[0-9a-f]{112}$/);
});

test("createDigester() does not depend on how the bytes are cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array()),
      fc.constantFrom("sha256" as const, "sha512" as const),
      (parts, algorithm) => {
        const digester = createDigester(algorithm);
        for (const part of parts) digester.update(part);
        expect(digester.digest()).toBe(digestOf(Buffer.concat(parts), algorithm));
      },
    ),
  );
});

test("parseDigest() reads every digest that digestOf() makes, and its parts make it again", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.constantFrom("sha256" as const, "sha512" as const), (bytes, algorithm) => {
      const digest = digestOf(bytes, algorithm);
      expect(parseDigest(digest)).toBe(digest);
      expect(`${digestAlgorithm(digest)}:${digestHex(digest)}`).toBe(digest);
    }),
  );
});

test.each([
  "",
  "sha256:",
  empty.toUpperCase(),
  empty.replace("e3", "E3"),
  empty.slice(0, -1),
  `${empty}0`,
  `${empty}\n`,
  ` ${empty}`,
  empty.replace("sha256", "sha512"),
  empty.replace("sha256", "sha384"),
  empty.replace("e3", "g3"),
  empty.replace("sha256:", "sha256-"),
  "sha256:../../../../../../../../../../../../../../../../../../etc/passwd",
])("parseDigest() refuses %j", (text) => {
  expect(isDigest(text)).toBe(false);
  expect(() => parseDigest(text)).toThrow(expect.objectContaining({ kind: "invalid", code: "spec.invalid-digest" }));
});

test("parseDigest() does not repeat a huge text in its message", () => {
  expect(() => parseDigest("x".repeat(1e6))).toThrow(/^.{1,200}$/);
});
