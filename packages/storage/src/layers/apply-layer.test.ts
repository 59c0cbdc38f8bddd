import { check, type Slot, type Step, type StepOf, stepper } from "@galley/plan";
import { galleyError } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { recorder } from "../testing/fake-perform.ts";
import { applyLayer } from "./apply-layer.ts";

const step = stepper("test");
const batch = (root: Slot, path: string): Step[] => [step("mkdir", { at: root, path, mode: 0o755 }, "make it")];

describe("applyLayer()", () => {
  test("opens the directory and streams the steps, in that order", async () => {
    const { perform, plans, sent } = recorder();
    await applyLayer(
      "/store/tree",
      async function* (root) {
        yield batch(root, "a");
        yield batch(root, "b");
      },
      { perform },
    );
    expect(plans).toHaveLength(1);
    const [plan] = plans;
    const steps = plan?.lane.steps ?? [];
    const open = steps.find(({ op }) => op === "open") as StepOf<"open">;
    expect([steps.at(0)?.op, steps.at(-1)?.op]).toEqual(["umask", "receive"]);
    expect(open.args).toMatchObject({ flags: ["read", "directory", "noFollow"] });
    expect(open.args.path).toMatch(/^\/store\/tree$/);
    expect(sent.map(({ args }) => (args as { path: string }).path)).toEqual(["a", "b"]);
    expect((sent[0] as StepOf<"mkdir">).args.at).toBe(open.args.out);
  });

  test.for([undefined, Uint8Array.of(6, 0, 0, 0, 0, 0, 255, 127)])(
    "makes a plan without a finding, with filter %s",
    async (filter) => {
      const { perform, plans } = recorder();
      await applyLayer("/t/tree", async function* () {}, { perform, spoolPath: undefined, filter });
      expect(plans.flatMap(check)).toEqual([]);
    },
  );

  test("asks for the next batch only when the last was taken", async () => {
    let taken = 0;
    let made = 0;
    const { perform } = recorder({
      onSend: async () => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        taken += 1;
      },
    });
    await applyLayer(
      "/t",
      async function* (root) {
        for (; made < 20; made += 1) {
          expect(made - taken).toBeLessThanOrEqual(1);
          yield batch(root, String(made));
        }
      },
      { perform },
    );
    expect(taken).toBe(20);
  });

  test("throws the error of the archive and stops the performance", async () => {
    const { perform } = recorder();
    const applied = applyLayer(
      "/t",
      async function* (root) {
        yield batch(root, "a");
        throw galleyError("corrupt", "image.truncated", "the layer ends early");
      },
      { perform },
    );
    await expect(applied).rejects.toMatchObject({
      kind: "corrupt",
      code: "image.truncated",
      message: "unpack a layer: the layer ends early",
    });
  });

  test("throws the error of a step, though the archive hangs", async () => {
    const { perform } = recorder({
      onSend: () => {
        throw galleyError("unavailable", "stage.step-failed", "no space");
      },
    });
    const applied = applyLayer(
      "/t",
      async function* (root) {
        yield batch(root, "a");
        await new Promise(() => {});
      },
      { perform },
    );
    await expect(applied).rejects.toMatchObject({ kind: "unavailable", code: "stage.step-failed" });
  });

  test("stops at a signal, though the archive hangs", async () => {
    const { perform } = recorder();
    const stop = new AbortController();
    const applied = applyLayer(
      "/t",
      async function* (root) {
        yield batch(root, "a");
        await new Promise(() => {});
      },
      { perform, signal: stop.signal },
    );
    setTimeout(() => stop.abort(), 10);
    await expect(applied).rejects.toMatchObject({ kind: "cancelled" });
  });
});
