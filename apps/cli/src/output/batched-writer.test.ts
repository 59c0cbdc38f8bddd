import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { batchedWriter } from "./batched-writer.ts";
import { output } from "./print.ts";

describe("batchedWriter()", () => {
  let calls: [number, string][];
  beforeEach(() => {
    calls = [];
    vi.spyOn(output, "writeSync").mockImplementation(((fd: number, bytes: Uint8Array) => {
      calls.push([fd, Buffer.from(bytes).toString()]);
      return bytes.length;
    }) as never);
  });
  afterEach(() => vi.restoreAllMocks());
  const bytes = (text: string): Uint8Array => Buffer.from(text);

  test("batchedWriter() gathers what is written in one go", async () => {
    const writer = batchedWriter();
    for (let count = 0; count < 3; count++) await writer.write(1, [bytes("a"), bytes("\n")]);
    await writer.flush();
    expect(calls).toEqual([[1, "a\na\na\n"]]);
  });

  test("batchedWriter() keeps the order of two descriptors", async () => {
    const writer = batchedWriter();
    for (const [fd, text] of [
      [1, "a"],
      [2, "b"],
      [1, "c"],
    ] as const)
      await writer.write(fd, [bytes(text)]);
    await writer.flush();
    expect(calls).toEqual([
      [1, "a"],
      [2, "b"],
      [1, "c"],
    ]);
  });

  test("batchedWriter() writes what it has when the program waits", async () => {
    const writer = batchedWriter();
    await writer.write(1, [bytes("a")]);
    await nextTurn();
    await nextTurn();
    expect(calls).toEqual([[1, "a"]]);
  });

  test("batchedWriter() copies, so that its caller may use the bytes again", async () => {
    const writer = batchedWriter();
    const reused = Buffer.from("a");
    await writer.write(1, [reused]);
    reused.write("b");
    await writer.flush();
    expect(calls).toEqual([[1, "a"]]);
  });

  test("batchedWriter() takes pieces of any size", async () => {
    const writer = batchedWriter();
    const large = Buffer.alloc(200_000, "x");
    await writer.write(1, [bytes("a")]);
    await writer.write(1, [large]);
    for (let count = 0; count < 1000; count++) await writer.write(1, [Buffer.alloc(100, "y")]);
    await writer.flush();
    expect(calls.map(([, text]) => text).join("")).toBe(`a${"x".repeat(200_000)}${"y".repeat(100_000)}`);
    expect(calls.length).toBeLessThan(6);
  });
});
