import { open, readFile } from "node:fs/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { scratch } from "../testing/scratch.ts";
import { createWriteQueue } from "./write-queue.ts";

test("createWriteQueue() writes what came, where it belongs, however it is cut and whatever is passed over", async () => {
  const path = `${await scratch()}/file`;
  const piece = fc.uint8Array({ maxLength: 5000 });
  const parts = fc.array(fc.oneof(piece, fc.integer({ min: 0, max: 3000 })), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(parts, fc.constantFrom(0, 4096, 1 << 20), fc.boolean(), async (parts, behindBytes, flush) => {
      const file = await open(path, "w");
      const queue = createWriteQueue(file, { position: 0, flush, behindBytes });
      const expected: Uint8Array[] = [];
      for (const part of parts)
        if (typeof part === "number") {
          queue.skip(part);
          expected.push(new Uint8Array(part));
        } else {
          await queue.write(part);
          expected.push(part);
        }
      await queue.drain();
      const whole = Buffer.concat(expected);
      expect(queue.position).toBe(whole.length);
      await file.truncate(whole.length);
      await file.close();
      expect(Buffer.compare(await readFile(path), whole)).toBe(0);
    }),
    { numRuns: 60 },
  );
});

test("createWriteQueue() has written when `write` resolves, if nothing may wait behind it", async () => {
  const path = `${await scratch()}/file`;
  const file = await open(path, "w");
  const queue = createWriteQueue(file, { position: 0, flush: false, behindBytes: 0 });
  const bytes = Buffer.from("before");
  await queue.write(bytes);
  bytes.fill(0);
  expect(await readFile(path, "utf8")).toBe("before");
  await file.close();
});

test("createWriteQueue() throws what a write threw, at the next call and at the end", async () => {
  const file = await open(`${await scratch()}/file`, "w");
  await file.close();
  const queue = createWriteQueue(file, { position: 0, flush: false, behindBytes: 1 << 20 });
  queue.write(Buffer.from("x"));
  await expect(queue.drain()).rejects.toMatchObject({ code: "EBADF" });
  await expect(queue.write(Buffer.from("y"))).rejects.toMatchObject({ code: "EBADF" });
});
