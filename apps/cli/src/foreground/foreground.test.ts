import { isGalleyError } from "@galley/spec";
import { afterEach, describe, expect, test, vi } from "vitest";
import { isClosedOutput, output } from "../output/print.ts";
import { openForeground } from "./foreground.ts";

afterEach(() => vi.restoreAllMocks());

function attachment(exited: Promise<{ readonly code: number }>) {
  return { exited, write: async () => {}, endStdin: vi.fn(), resize: vi.fn(), close: vi.fn() };
}
const plain = { interactive: false, terminal: false, proxySignals: false };

describe("openForeground()", () => {
  test("openForeground() writes both streams where they belong", () => {
    const calls: [number, string][] = [];
    vi.spyOn(output, "writeSync").mockImplementation(((fd: number, bytes: Uint8Array) => {
      calls.push([fd, Buffer.from(bytes).toString()]);
      return bytes.length;
    }) as never);
    using foreground = openForeground(plain);
    foreground.start.attach?.onOutput?.("stdout", Buffer.from("a"));
    foreground.start.attach?.onOutput?.("stderr", Buffer.from("b"));
    expect(calls).toEqual([
      [1, "a"],
      [2, "b"],
    ]);
  });

  test("openForeground() follows until the end", async () => {
    using foreground = openForeground(plain);
    expect(await foreground.follow(attachment(Promise.resolve({ code: 7 })))).toEqual({ code: 7 });
  });

  test("openForeground() ends following when nobody reads, once", async () => {
    using foreground = openForeground(plain);
    const write = vi.spyOn(output, "writeSync").mockImplementation(() => {
      throw Object.assign(new Error("EPIPE"), { code: "EPIPE" });
    });
    const following = foreground.follow(attachment(new Promise(() => {})));
    for (let count = 0; count < 3; count++) foreground.start.attach?.onOutput?.("stdout", Buffer.from("a"));
    expect(await following.catch((error: unknown) => isClosedOutput(error))).toBe(true);
    expect(write).toHaveBeenCalledTimes(1);
  });

  test("openForeground() passes on that the keeper is gone", async () => {
    using foreground = openForeground(plain);
    await expect(foreground.follow(attachment(Promise.reject(new Error("gone"))))).rejects.toThrow("gone");
  });

  test("openForeground() says so when there is nothing to follow", async () => {
    using foreground = openForeground(plain);
    expect(await foreground.follow(undefined).catch((error: unknown) => isGalleyError(error, "internal"))).toBe(true);
  });

  test("openForeground() delivers signals, those too that came before the start was over", async () => {
    const delivered: string[] = [];
    const ended = Promise.withResolvers<{ code: number }>();
    {
      using foreground = openForeground({ ...plain, proxySignals: true });
      process.emit("SIGUSR2", "SIGUSR2");
      const following = foreground.follow(attachment(ended.promise), async (name) => void delivered.push(name));
      process.emit("SIGTERM", "SIGTERM");
      ended.resolve({ code: 0 });
      await following;
    }
    expect(delivered).toEqual(["SIGUSR2", "SIGTERM"]);
    expect(process.listenerCount("SIGUSR2")).toBe(0);
  });
});
