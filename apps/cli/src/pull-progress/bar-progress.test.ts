import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { barProgress } from "./bar-progress.ts";

test("barProgress() draws a bar for each layer and leaves the cursor visible", async () => {
  const drawn: string[] = [];
  const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
  terminal.on("data", (chunk: Buffer) => drawn.push(chunk.toString()));
  const display = barProgress(terminal as never);
  const layer = { kind: "layer", digest: `sha256:${"ab".repeat(32)}`, totalBytes: 2_000_000 } as const;
  display.show({ ...layer, state: "downloading", doneBytes: 1_000_000 });
  display.show({ ...layer, state: "done", doneBytes: 0 });
  display.show({ kind: "layer", digest: "sha256:cd", totalBytes: 0, doneBytes: 0, state: "exists" });
  display.finish();
  display.close();
  display.close();
  const text = drawn.join("");
  expect(text).toContain("Copying blob abababababab [====================] 2 MB / 2 MB done");
  expect(text).toContain("skipped: already exists");
  expect(text.lastIndexOf("\u001b[?25h")).toBeGreaterThan(text.lastIndexOf("\u001b[?25l"));
});
