import { expect, test } from "vitest";
import { jsonDisplay } from "./json-display.ts";

test("jsonDisplay() prints each new state, and bytes at most every 100 ms", () => {
  const lines: unknown[] = [];
  let nowMs = 0;
  const display = jsonDisplay({ print: (line) => lines.push(JSON.parse(line)), nowMs: () => nowMs });
  const part = { digest: "sha256:a", kind: "layer", totalBytes: 100 } as const;
  for (const doneBytes of [0, 10, 20, 30, 40]) {
    display.show({ ...part, state: "downloading", doneBytes });
    nowMs += 50;
  }
  display.show({ ...part, state: "downloaded", doneBytes: 100 });
  display.show({ digest: "sha256:b", kind: "config", state: "exists", doneBytes: 2, totalBytes: 2 });
  display.finish();
  display.close();
  expect(lines).toEqual([
    { ...part, state: "downloading", doneBytes: 0 },
    { ...part, state: "downloading", doneBytes: 20 },
    { ...part, state: "downloading", doneBytes: 40 },
    { ...part, state: "downloaded", doneBytes: 100 },
    { digest: "sha256:b", kind: "config", state: "exists", doneBytes: 2, totalBytes: 2 },
    { state: "finished" },
  ]);
});
