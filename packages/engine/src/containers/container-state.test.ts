import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Engine } from "../engine.ts";
import { ownIdentity, type ProcessIdentity, processStart } from "../host.ts";
import { aStart, exitText, nobody, putContainer, write, writeExit, writePid } from "../testing/keeper-records.ts";
import { scratchEngine } from "../testing/scratch-engine.ts";
import { containerPlaces, fileNames } from "./container-places.ts";
import type { ContainerRecord } from "./container-record.ts";
import { containerState } from "./container-state.ts";

const otherBoot = "00000000-0000-0000-0000-000000000000";

interface Row {
  readonly when: string;
  readonly record?: Partial<ContainerRecord>;
  readonly before?: (engine: Engine, record: ContainerRecord) => void;
  readonly status: string;
  readonly code?: number | undefined;
}

const rows: readonly Row[] = [
  { when: "it was never started", status: "created" },
  { when: "its starter lives and nothing runs yet", record: { start: aStart() }, status: "starting" },
  { when: "its starter died before anything ran", record: { start: aStart({ starter: nobody }) }, status: "created" },
  {
    when: "its process and keeper live",
    record: { start: aStart({ starter: nobody }) },
    before: (engine, record) => writePid(engine, record),
    status: "running",
  },
  {
    when: "its keeper was killed and its process lives",
    record: { start: aStart({ starter: nobody }) },
    before: (engine, record) => writePid(engine, record, { keeper: nobody }),
    status: "running",
  },
  {
    when: "its process has ended and its keeper is still reading what is left",
    record: { start: aStart({ starter: nobody }) },
    before: (engine, record) => writePid(engine, record, { child: nobody, keeper: ownIdentity() }),
    status: "running",
  },
  {
    when: "there is an exit record, though the keeper still lives",
    record: { start: aStart() },
    before: (engine, record) => {
      writePid(engine, record);
      writeExit(engine, record, { code: 3 });
    },
    status: "exited",
    code: 3,
  },
  {
    when: "both were killed",
    record: { start: aStart({ starter: nobody }) },
    before: (engine, record) => writePid(engine, record, { child: nobody }),
    status: "exited",
    code: undefined,
  },
  {
    when: "its pid is another process's by now",
    record: { start: aStart({ starter: nobody }) },
    before: (engine, record) => writePid(engine, record, { child: { ...ownIdentity(), startTicks: 1 } }),
    status: "exited",
    code: undefined,
  },
  {
    when: "the host was restarted while it ran",
    record: { start: aStart({ stamp: `${otherBoot} 01`, starter: ownIdentity() }) },
    before: (engine, record) => writePid(engine, record),
    status: "exited",
    code: undefined,
  },
  {
    when: "the host was restarted and the run directory with it",
    record: { start: aStart({ stamp: `${otherBoot} 01`, starter: ownIdentity() }) },
    status: "exited",
    code: undefined,
  },
  {
    when: "it had ended before the host was restarted",
    record: { start: aStart({ stamp: `${otherBoot} 01`, starter: nobody }) },
    before: (engine, record) => writeExit(engine, record, { code: 4 }),
    status: "exited",
    code: 4,
  },
  {
    when: "the exit record is another start's",
    record: { start: aStart() },
    before: (engine, record) => {
      writePid(engine, record);
      writeExit(engine, record, { code: 0, stamp: `${otherBoot} 99` });
    },
    status: "running",
  },
  {
    when: "the pid record is another start's, whose process lives",
    record: { start: aStart({ starter: nobody }) },
    before: (engine, record) => writePid(engine, record, { stamp: `${otherBoot} 99` }),
    status: "created",
  },
  {
    when: "the exit record was cut off by a full disk",
    record: { start: aStart({ starter: nobody }) },
    before: (engine, record) => {
      writePid(engine, record, { child: nobody });
      const whole = exitText({ code: 0, stamp: record.start?.stamp ?? "" });
      write(containerPlaces(engine, record.id).keepDirectory, fileNames.exit, whole.slice(0, 40));
    },
    status: "exited",
    code: undefined,
  },
  {
    when: "the exit record is nonsense",
    record: { start: aStart({ starter: nobody }) },
    before: (engine, record) => {
      writePid(engine, record, { child: nobody });
      write(containerPlaces(engine, record.id).keepDirectory, fileNames.exit, '{"code":"0"}\n');
    },
    status: "exited",
    code: undefined,
  },
  {
    when: "its end is booked, whatever lies about",
    record: { start: aStart(), exit: { code: 7, outOfMemory: false } },
    before: (engine, record) => writePid(engine, record),
    status: "exited",
    code: 7,
  },
];

describe("containerState()", () => {
  test.each(rows)("containerState() is $status when $when", async ({ record, before, status, code }) => {
    const engine = await scratchEngine();
    const put = putContainer(engine, record);
    before?.(engine, put);
    const state = containerState(engine, put);
    expect(state.status).toBe(status);
    if (status === "exited") expect(state.exit?.code).toBe(code);
    else expect(state.exit).toBeUndefined();
  });

  test("containerState() tells running as exited once the process is gone", async () => {
    const engine = await scratchEngine();
    const child = spawn("sleep", ["60"], { stdio: "ignore" });
    onTestFinished(() => void child.kill("SIGKILL"));
    const identity: ProcessIdentity = {
      pid: child.pid as number,
      startTicks: processStart(child.pid as number) as number,
    };
    const record = putContainer(engine, { start: aStart({ starter: nobody }) });
    writePid(engine, record, { child: identity });
    expect(containerState(engine, record)).toMatchObject({
      status: "running",
      process: { child: child.pid },
      startedAtMs: 1000,
    });
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
    expect(containerState(engine, record)).toMatchObject({ status: "exited", exit: { outOfMemory: false } });
  });

  test("containerState() is starting while somebody holds the run directory, though the starter died", async () => {
    const engine = await scratchEngine();
    const record = putContainer(engine, { start: aStart({ starter: nobody }) });
    const { runDirectory } = containerPlaces(engine, record.id);
    mkdirSync(runDirectory, { recursive: true });
    const holder = spawn("flock", ["--shared", runDirectory, "sh", "-c", "echo held; exec cat"]);
    onTestFinished(() => void holder.kill("SIGKILL"));
    await once(holder.stdout, "data");
    expect(containerState(engine, record)).toEqual({ status: "starting", startedAtMs: 1000 });
    holder.stdin.end();
    await once(holder, "exit");
    expect(containerState(engine, record)).toEqual({ status: "created" });
  });

  test("containerState() knows that memory ran out", async () => {
    const engine = await scratchEngine();
    const record = putContainer(engine, { start: aStart() });
    writeExit(engine, record, {
      code: 137,
      signal: 9,
      files: { oom: "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n" },
    });
    expect(containerState(engine, record).exit).toEqual({
      code: 137,
      outOfMemory: true,
      finishedAtMs: Date.parse("2026-01-02T03:04:06Z"),
    });
  });
});
