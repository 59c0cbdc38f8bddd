import { expect, test } from "vitest";
import { createDeferreds } from "./deferred.ts";

test("createDeferreds() gives the answer to who asks before it and to who asks after it", async () => {
  const deferreds = createDeferreds<string, number>();
  const before = deferreds.get("a");
  deferreds.resolve("a", 1);
  expect([await before, await deferreds.get("a")]).toEqual([1, 1]);
});

test("createDeferreds() keeps the first answer", async () => {
  const deferreds = createDeferreds<string, number>();
  deferreds.resolve("a", 1);
  deferreds.resolve("a", 2);
  deferreds.rejectAll(new Error("over"));
  expect(await deferreds.get("a")).toBe(1);
});

test("createDeferreds() rejects what is asked and not answered, before and after the end", async () => {
  const deferreds = createDeferreds<string, number>();
  const before = deferreds.get("a");
  deferreds.rejectAll(new Error("over"));
  await expect(before).rejects.toThrow("over");
  await expect(deferreds.get("b")).rejects.toThrow("over");
});

test("createDeferreds() leaves no unhandled rejection behind when nobody asks", async () => {
  const unhandled: unknown[] = [];
  const listen = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", listen);
  const deferreds = createDeferreds<string, number>();
  void deferreds.get("a");
  deferreds.rejectAll(new Error("over"));
  await new Promise((resolve) => setTimeout(resolve, 10));
  process.off("unhandledRejection", listen);
  expect(unhandled).toEqual([]);
});
