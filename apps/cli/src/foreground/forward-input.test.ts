import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { detachKeys, detachScanner } from "./detach-keys.ts";
import { forwardInput } from "./forward-input.ts";

function target(write: (bytes: Uint8Array) => Promise<void> = async () => {}) {
  const seen: string[] = [];
  return {
    seen,
    write: async (bytes: Uint8Array) => {
      seen.push(Buffer.from(bytes).toString());
      await write(bytes);
    },
    endStdin: () => void seen.push("<end>"),
  };
}

describe("forwardInput()", () => {
  test("forwardInput() forwards everything and then the end", async () => {
    const to = target();
    expect(await forwardInput(Readable.from([Buffer.from("a"), Buffer.from("b")]), to)).toBe("ended");
    expect(to.seen).toEqual(["a", "b", "<end>"]);
  });

  test("forwardInput() reads no faster than the container takes it", async () => {
    let read = 0;
    async function* source() {
      for (; read < 1000; read++) yield Buffer.from("x");
    }
    const gate = Promise.withResolvers<void>();
    const forwarding = forwardInput(
      Readable.from(source(), { highWaterMark: 1 }),
      target(() => gate.promise),
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(read).toBeLessThan(10);
    gate.resolve();
    await forwarding;
  });

  test("forwardInput() ends at a container that takes no more", async () => {
    const to = target(() => Promise.reject(new Error("gone")));
    expect(await forwardInput(Readable.from([Buffer.from("a"), Buffer.from("b")]), to)).toBe("ended");
    expect(to.seen).toEqual(["a", "<end>"]);
  });

  test("forwardInput() takes unreadable input for ended input", async () => {
    const broken = new Readable({
      read() {
        this.destroy(new Error("EIO"));
      },
    });
    const to = target();
    expect(await forwardInput(broken, to)).toBe("ended");
    expect(to.seen).toEqual(["<end>"]);
  });

  test("forwardInput() leaves at the detach keys without an end", async () => {
    const to = target();
    const keys = Buffer.concat([Buffer.from("a"), detachKeys]);
    expect(await forwardInput(Readable.from([keys, Buffer.from("b")]), to, detachScanner(detachKeys))).toBe("detached");
    expect(to.seen).toEqual(["a"]);
  });
});
