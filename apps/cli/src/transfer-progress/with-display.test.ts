import { galleyError } from "@galley/spec";
import { expect, test, vi } from "vitest";
import { withDisplay } from "./with-display.ts";

test("withDisplay() gives what was done, and leaves no handlers", async () => {
  const before = process.listenerCount("SIGINT");
  expect(await withDisplay("none", async ({ signal }) => signal.aborted)).toBe(false);
  expect(process.listenerCount("SIGINT")).toBe(before);
});

test.each(["SIGINT", "SIGTERM"] as const)("withDisplay() stops at %s, whatever that looks like", async (name) => {
  const interrupted = withDisplay("none", async ({ signal }) => {
    process.emit(name);
    signal.throwIfAborted();
  });
  await expect(interrupted).rejects.toMatchObject({ kind: "cancelled", code: "cli.interrupted" });
  const dying = withDisplay("none", async () => {
    process.emit(name);
    throw galleyError("internal", "stage.died", "stage was killed");
  });
  await expect(dying).rejects.toMatchObject({ kind: "cancelled" });
});

test("withDisplay() passes on failures that are no interruption", async () => {
  const failing = withDisplay("none", () => Promise.reject(galleyError("not-found", "x.y", "gone")));
  await expect(failing).rejects.toMatchObject({ kind: "not-found" });
});

test("withDisplay() ends the program at a second interruption", async () => {
  const exit = vi.spyOn(process, "exit").mockImplementation((() => {
    throw new Error("exit");
  }) as never);
  const twice = withDisplay("none", async () => {
    process.emit("SIGINT");
    expect(() => process.emit("SIGINT")).toThrow("exit");
  });
  await twice.catch(() => {});
  expect(exit).toHaveBeenCalledWith(130);
  exit.mockRestore();
});
