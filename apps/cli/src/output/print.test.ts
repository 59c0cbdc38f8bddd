import { afterEach, describe, expect, test, vi } from "vitest";
import { isClosedOutput, output, printError, writeAll } from "./print.ts";

const systemError = (code: string): Error => Object.assign(new Error(code), { code });
afterEach(() => vi.restoreAllMocks());

describe("writeAll()", () => {
  test("writeAll() goes on after a short write", () => {
    const written: string[] = [];
    vi.spyOn(output, "writeSync").mockImplementation(((_fd: number, bytes: Uint8Array) => {
      written.push(Buffer.from(bytes.subarray(0, 2)).toString());
      return Math.min(2, bytes.length);
    }) as never);
    expect(writeAll(1, Buffer.from("abcde"))).toBeUndefined();
    expect(written.join("")).toBe("abcde");
  });

  test("writeAll() waits for a descriptor that would block", async () => {
    let refusals = 3;
    const written: string[] = [];
    vi.spyOn(output, "writeSync").mockImplementation(((_fd: number, bytes: Uint8Array) => {
      if (refusals-- > 0) throw systemError("EAGAIN");
      written.push(Buffer.from(bytes).toString());
      return bytes.length;
    }) as never);
    await writeAll(1, Buffer.from("abc"));
    expect(written).toEqual(["abc"]);
  });

  test("writeAll() tells a closed output from other errors", () => {
    const spy = vi.spyOn(output, "writeSync");
    const thrownFor = (code: string): unknown => {
      spy.mockImplementation(() => {
        throw systemError(code);
      });
      try {
        return writeAll(1, Buffer.from("x"));
      } catch (error) {
        return error;
      }
    };
    expect(isClosedOutput(thrownFor("EPIPE"))).toBe(true);
    expect(isClosedOutput(thrownFor("ENOSPC"))).toBe(false);
  });
});

test("printError() survives a closed standard error", () => {
  vi.spyOn(output, "writeSync").mockImplementation(() => {
    throw systemError("EPIPE");
  });
  expect(() => printError("x")).not.toThrow();
});
