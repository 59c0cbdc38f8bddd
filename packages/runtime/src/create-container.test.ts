import { galleyError } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { createContainer } from "./create-container.ts";
import { containerLaunch } from "./testing/launches.ts";
import { laneOf, stepsOf } from "./testing/read-plan.ts";
import { recorder } from "./testing/recording-perform.ts";

const record = { version: 1, pid: 4711, code: 7, signal: 0, coreDumped: false, logLostBytes: 0, files: {} };
const times = { startedAt: "2026-01-02T03:04:05Z", finishedAt: "2026-01-02T03:04:06Z", durationNs: 1 };

/** A frame of the attach protocol: type, three zero bytes, length. */
function frame(type: number, text: string): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt8(type, 0);
  head.writeUInt32LE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

describe("createContainer()", () => {
  test("createContainer() resolves when all is ready but the program, and starts it by a mark", async () => {
    const executed = Promise.withResolvers<void>();
    const { perform, performed, told } = recorder({ ended: executed.promise });
    const container = await createContainer(containerLaunch(), perform);
    expect(container.pid).toBe(4711);
    expect(told).toEqual([]);
    const { plan } = performed[0] ?? {};
    if (!plan) throw new Error("nothing was performed");
    const started = container.start();
    const [wait] = stepsOf(plan.lane, "await");
    expect(told).toEqual([wait?.args.mark]);
    expect(stepsOf(laneOf(plan, "init"), "tell")).toHaveLength(1);
    executed.resolve();
    await started;
  });

  test("createContainer() hands out the output and how the program ended", async () => {
    const { perform, client, keeper } = recorder();
    const output: string[] = [];
    const onOutput = (stream: string, bytes: Uint8Array): void => void output.push(`${stream}: ${Buffer.from(bytes)}`);
    const container = await createContainer(containerLaunch(), perform, { onOutput });
    await container.start();
    keeper.write(
      Buffer.concat([frame(1, "hi\n"), frame(2, "oh\n"), frame(3, `${JSON.stringify({ ...record, ...times })}\n`)]),
    );
    expect(await container.exited).toMatchObject({ code: 7, pid: 4711 });
    expect(output).toEqual(["stdout: hi\n", "stderr: oh\n"]);
    expect(client.destroyed).toBe(true);
  });

  test("createContainer() rejects when the container cannot be made", async () => {
    const cause = galleyError("not-found", "stage.step-failed", "no root", {
      details: { why: "take the root", errno: "ENOENT" },
    });
    const never = (): Promise<void> => new Promise(() => {});
    const { perform } = recorder({ ended: Promise.reject(cause), told: never, pid: Promise.reject(cause) });
    await expect(createContainer(containerLaunch(), perform)).rejects.toBe(cause);
  });

  test("createContainer() tells a failure after it was created where somebody asks: in start and in exited", async () => {
    const end = Promise.withResolvers<void>();
    const { perform } = recorder({ ended: end.promise });
    const container = await createContainer(containerLaunch(), perform);
    const started = container.start();
    end.reject(
      galleyError("internal", "stage.step-failed", "x", { details: { why: "execute the process", errno: "ENOENT" } }),
    );
    await expect(started).rejects.toMatchObject({ code: "runtime.command-not-found" });
    await expect(container.exited).rejects.toMatchObject({ code: "runtime.command-not-found" });
  });
});
