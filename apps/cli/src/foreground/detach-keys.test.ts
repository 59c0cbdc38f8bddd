import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { detachKeys, detachScanner } from "./detach-keys.ts";

const p = 0x10;
const q = 0x11;
const a = 0x61;

function feed(...chunks: number[][]): { forwarded: number[]; detached: boolean } {
  const scan = detachScanner(detachKeys);
  const forwarded: number[] = [];
  for (const chunk of chunks) {
    const { forward, detached } = scan(Uint8Array.from(chunk));
    forwarded.push(...forward);
    if (detached) return { forwarded, detached };
  }
  return { forwarded, detached: false };
}

describe("detachScanner()", () => {
  test.each([
    [[[p, q]], [], true],
    [[[p], [q]], [], true],
    [[[a, p, q, a]], [a], true],
    [[[p, a]], [p, a], false],
    [[[p, p, q]], [p], true],
    [[[p], [p], [a]], [p, p, a], false],
    [[[q, a]], [q, a], false],
    [[[p]], [], false],
  ])("detachScanner() on %j forwards %j, detached: %j", (chunks, forwarded, detached) => {
    expect(feed(...chunks)).toEqual({ forwarded, detached });
  });

  test("detachScanner() forwards all but a held-back first key of what does not contain the keys", () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.constantFrom(a, p, 0x00))), (chunks) => {
        const input = chunks.flat();
        const expected = input.at(-1) === p ? input.slice(0, -1) : input;
        expect(feed(...chunks)).toEqual({ forwarded: expected, detached: false });
      }),
    );
  });
});
