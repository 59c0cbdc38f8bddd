import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { type ExitRecord, keeperPath, type LogLine, parseExitRecord, parsePidRecord, readLog } from "../index.ts";

export interface LaunchOptions {
  /** Words for keeper-launch, see native/testing/launch.c. */
  readonly what?: readonly string[];
  /** Further arguments of the keeper; {} stands for the launch's directory. */
  readonly arguments?: readonly string[];
  readonly primary?: boolean;
  readonly keeper?: string;
  /** Where run, keep and log are; a new directory unless given. */
  readonly directory?: string;
  readonly env?: NodeJS.ProcessEnv;
}

export interface Launched extends AsyncDisposable {
  readonly process: ChildProcess;
  readonly directory: string;
  readonly socketPath: string;
  /** The other end of the primary client. */
  readonly client: Duplex;
  /** What the ready pipe said. */
  readonly ready: Promise<Buffer>;
  /** The keeper's own end. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  exit(): Promise<ExitRecord>;
  pid(): Promise<ReturnType<typeof parsePidRecord>>;
  log(): Promise<LogLine[]>;
}

export const launchPath = fileURLToPath(new URL("../../build/Release/keeper-launch", import.meta.url));

/** Starts a keeper with a payload, both with a new directory that is removed at the end. */
export function launch(payload: readonly string[], options: LaunchOptions = {}): Launched {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), "keeper-"));
  const socketPath = join(directory, "attach.sock");
  const what = options.what ?? ["stdout", "stderr"];
  const argv = [
    ...[options.keeper ?? keeperPath(), ...what, "log", join(directory, "log"), "run", directory, "keep", directory],
    ...["listen", socketPath, "--"],
    ...[...(options.primary ? ["--client", "3"] : []), "--ready", "4"],
    ...(options.arguments ?? []).map((text) => text.replaceAll("{}", directory)),
    ...["--", ...payload],
  ];
  const stdio = ["ignore", "inherit", "inherit", options.primary ? "pipe" : "ignore", "pipe"] as const;
  const child = spawn(launchPath, argv, { stdio: [...stdio], env: options.env ?? process.env });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  const finished = async (): Promise<void> => void (await ended);
  return {
    process: child,
    directory,
    socketPath,
    client: child.stdio[3] as Duplex,
    ready: readAll(child.stdio[4] as Duplex),
    ended,
    exit: async () => parseExitRecord(await afterwards(finished, join(directory, "exit"))),
    pid: async () => parsePidRecord(await readFile(join(directory, "pid"), "utf8")),
    log: async () => {
      await ended;
      return readLines(join(directory, "log"));
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await ended.catch(() => {});
      if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function afterwards(wait: () => Promise<void>, path: string): Promise<string> {
  await wait();
  return readFile(path, "utf8");
}

export async function readLines(path: string): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const line of readLog(path)) lines.push({ ...line, bytes: Buffer.from(line.bytes) });
  return lines;
}

async function readAll(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Waits until a condition holds; throws after ten seconds. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const endMs = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`waited too long: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The lines as text with flags: "stdout F hello". */
export function texts(lines: readonly LogLine[]): string[] {
  return lines.map(
    (line) => `${line.stream} ${line.partial ? "P" : "F"} ${Buffer.from(line.bytes).toString("latin1")}`,
  );
}
