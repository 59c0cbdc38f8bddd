import type { TransferProgress } from "@galley/engine";
import { describe, expect, test } from "vitest";
import { barDisplay } from "./bar-display.ts";

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const layer = (letter: string, change: Partial<TransferProgress>): TransferProgress => ({
  digest: digest(letter),
  kind: "layer",
  state: "downloading",
  doneBytes: 0,
  totalBytes: 10_000_000,
  ...change,
});

/** A display on a fake terminal with a fake clock; `frame` lets a tenth of a second pass. */
function makeScreen({ columns = 80, rows = 24, colour = false } = {}) {
  const size = { columns, rows };
  let written = "";
  let nowMs = 0;
  const append = (text: string): void => {
    written += text;
  };
  let tick: (() => void) | undefined;
  const display = barDisplay(
    { size: () => size, write: append },
    {
      colour,
      nowMs: () => nowMs,
      every: (_, draw) => {
        tick = draw;
        return () => {
          tick = undefined;
        };
      },
    },
  );
  const taken = (): string => {
    const text = written;
    written = "";
    return text.replaceAll("\u001b", "^");
  };
  const frame = (passedMs = 100): string => {
    nowMs += passedMs;
    tick?.();
    return taken();
  };
  return { display, frame, taken, size, ticking: () => tick !== undefined };
}

describe("barDisplay()", () => {
  test("barDisplay() draws a pull frame by frame", () => {
    const { display, frame, taken, ticking } = makeScreen();
    const frames: string[] = [];
    display.show({ ...layer("c", { state: "exists" }), kind: "config", totalBytes: 1500 });
    display.show(layer("d", { state: "exists" }));
    display.show(layer("a", {}));
    display.show(layer("b", { totalBytes: 200_000_000 }));
    frames.push(frame());
    for (const tenth of [1, 2, 3, 4, 5]) {
      frame(400);
      display.show(layer("a", { doneBytes: tenth * 1_000_000 }));
      display.show(layer("b", { doneBytes: tenth * 20_000_000, totalBytes: 200_000_000 }));
    }
    frames.push(frame());
    display.show(layer("a", { state: "downloaded" }));
    frames.push(frame());
    display.show(layer("a", { state: "unpacking" }));
    frames.push(frame());
    display.show(layer("a", { state: "done" }));
    frames.push(frame());
    display.show(layer("b", { state: "done", totalBytes: 200_000_000 }));
    display.show(layer("d", { state: "done" }));
    display.finish();
    frames.push(taken());
    display.close();
    display.close();
    frames.push(taken());
    expect(ticking()).toBe(false);
    expect(`\n${frames.join("--\n")}\n`).toMatchSnapshot();
  });

  test("barDisplay() draws a push, and what the registry took over", () => {
    const { display, taken } = makeScreen();
    display.show(layer("a", { state: "mounted" }));
    display.show(layer("b", { state: "uploading", doneBytes: 5_000_000 }));
    display.show(layer("b", { state: "uploaded" }));
    display.finish();
    expect(taken()).toBe(
      "^[?25lCopying blob   aaaaaaaaaaaa mounted from another repository\nCopying blob   bbbbbbbbbbbb 10 MB done\n",
    );
  });

  test.each([[200], [80], [60], [40], [20], [3], [1], [0]])(
    "barDisplay() never writes a line wider than %i columns",
    (columns) => {
      const { display, frame } = makeScreen({ columns });
      for (const [letter, doneBytes] of Object.entries({ a: 0, b: 3_456_789, c: 10_000_000 }))
        display.show(layer(letter, { doneBytes }));
      display.show(layer("d", { state: "exists" }));
      frame(1000);
      for (const line of frame(1000).split(/\n|\^\[[0-9;?]*[A-Za-z]/))
        expect(line.trim().length).toBeLessThan(Math.max(columns, 2));
    },
  );

  test("barDisplay() shows as many bars as there are rows, and how many there are besides", () => {
    const { display, frame } = makeScreen({ rows: 5 });
    for (const letter of "abcdef") display.show(layer(letter, {}));
    const lines = frame().split("\n");
    expect(lines).toHaveLength(5);
    expect(lines[2]).toBe("and 4 more");
    expect(lines[3]).toContain("Total");
  });

  test("barDisplay() goes back over all rows that a frame has become in a narrower terminal", () => {
    const { display, frame, size } = makeScreen({ columns: 80 });
    display.show(layer("a", {}));
    frame();
    size.columns = 40;
    expect(frame()).toMatch(/^\^\[4A\r\^\[J/);
    expect(frame()).toMatch(/^\^\[2A\r\^\[J/);
  });

  test("barDisplay() leaves what broke off where it was, and the cursor visible", () => {
    const { display, frame, taken } = makeScreen();
    display.show(layer("a", { doneBytes: 1_000_000 }));
    expect(frame()).toContain("^[?25l");
    display.close();
    expect(taken()).toMatch(/Copying blob {3}aaaaaaaaaaaa .*\nTotal .*\n\^\[\?25h$/);
  });

  test("barDisplay() writes nothing when nothing happens", () => {
    const { display, taken } = makeScreen();
    display.finish();
    display.close();
    expect(taken()).toBe("");
  });

  test("barDisplay() uses colours where they are wanted", () => {
    const { display, frame } = makeScreen({ colour: true });
    display.show(layer("a", { doneBytes: 5_000_000 }));
    expect(frame()).toContain("^[36m[");
    display.show(layer("a", { state: "done" }));
    expect(frame()).toContain("^[32mdone^[0m");
  });
});
