import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeName, encodeName, isName, nameBytes } from "./name-bytes.ts";

const latin1 = (text: string) => Buffer.from(text, "latin1");

describe("decodeName()", () => {
  test("reads UTF-8 as what it says", () => {
    expect(decodeName(Buffer.from("a/é/€/😀"))).toBe("a/é/€/😀");
    expect(decodeName(new Uint8Array())).toBe("");
  });

  test("makes half a surrogate pair of each byte that is no UTF-8", () => {
    const cases: [Uint8Array, string][] = [
      [latin1("caf\xe9"), "caf\udce9"],
      [latin1("\xff\xfe/x"), "\udcff\udcfe/x"],
      [latin1("\xc3"), "\udcc3"],
      [Buffer.concat([Buffer.from("é"), latin1("\xe9"), Buffer.from("é")]), "é\udce9é"],
      // Too long, too high, half of a pair: UTF-8 has none of these.
      [latin1("\xc0\xaf"), "\udcc0\udcaf"],
      [latin1("\xf4\x90\x80\x80"), "\udcf4\udc90\udc80\udc80"],
      [latin1("\xed\xb3\xa9"), "\udced\udcb3\udca9"],
    ];
    for (const [bytes, name] of cases) expect(decodeName(bytes)).toBe(name);
  });

  test("never makes a slash, a dot or a NUL out of other bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const count = (text: string, mark: string) => text.split(mark).length;
        for (const mark of ["/", ".", "\0"])
          expect(count(decodeName(bytes), mark)).toBe(count(Buffer.from(bytes).toString("latin1"), mark));
      }),
    );
  });

  test("keeps different names different, so that a map of names is one of files", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4 }), fc.uint8Array({ maxLength: 4 }), (one, other) => {
        expect(decodeName(one) === decodeName(other)).toBe(Buffer.from(one).equals(other));
      }),
    );
  });
});

describe("encodeName()", () => {
  test("gives back the exact bytes of any name, also through JSON and cut at its slashes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const name = decodeName(bytes);
        expect([...encodeName(name)]).toEqual([...bytes]);
        expect([...encodeName(JSON.parse(JSON.stringify(name)))]).toEqual([...bytes]);
        expect([
          ...encodeName(
            name
              .split("/")
              .map((part) => decodeName(encodeName(part)))
              .join("/"),
          ),
        ]).toEqual([...bytes]);
        expect(nameBytes(name)).toBe(bytes.length);
        expect(isName(name)).toBe(true);
      }),
    );
  });

  test("gives UTF-8 of other text, also when a raw byte stands behind a whole pair", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect([...encodeName(text)]).toEqual([...Buffer.from(text)]);
      }),
    );
    expect([...encodeName("😀\udc80")]).toEqual([0xf0, 0x9f, 0x98, 0x80, 0x80]);
  });
});

test("isName() knows the halves that stand for no byte", () => {
  for (const text of ["\ud800", "a\udc7fb", "\udd00", "\udfff", "\udcff\ud83d"]) expect(isName(text)).toBe(false);
  for (const text of ["", "a", "😀", "\udc80", "😀\udcff"]) expect(isName(text)).toBe(true);
});
