import { watch } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { galleyError, wrapError } from "@galley/spec";
import { findTail } from "./find-tail.ts";
import { maximalLogLineBytes } from "./limits.ts";
import { type LogLine, parseLogLine } from "./log-line.ts";

export interface ReadLogOptions {
  /** Go on reading what is appended until `finished` says yes or the signal comes. */
  readonly follow?: boolean;
  /** With `follow`: whether the log has its last line. Asked often, so it should cost little. Never, unless given. */
  readonly finished?: () => boolean | Promise<boolean>;
  /** Begin with the last so many whole lines; pieces of a line count as one. */
  readonly tail?: number;
  /** Leave out what is older than this, milliseconds since 1970; exclusive end likewise. */
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly signal?: AbortSignal;
}

/** The lines of a log. Iterate once. */
export interface LogReader extends AsyncIterable<LogLine> {
  /** Lines skipped so far because they were not in the format: torn by a crash or not written by a keeper. */
  readonly brokenLines: number;
}

const blockBytes = 64 * 1024;
const pollMs = 200;
const lineFeed = 0x0a;
const nothing = new Uint8Array(0);

/**
 * Reads a container's log. A path is opened and closed here; a handle stays yours. Without `follow` it ends where the file
 * ended when reading began. Each line's bytes are valid until the next one is asked for.
 *
 * @throws GalleyError `not-found` without a file, `cancelled` after an abort.
 * @example
 * for await (const { bytes } of readLog("/var/lib/galley/containers/ID/log", { tail: 10 })) process.stdout.write(bytes);
 */
export function readLog(source: string | FileHandle, options: ReadLogOptions = {}): LogReader {
  const counter = { brokenLines: 0 };
  return {
    get brokenLines() {
      return counter.brokenLines;
    },
    [Symbol.asyncIterator]: () => lines(source, options, counter)[Symbol.asyncIterator](),
  };
}

async function* lines(source: string | FileHandle, options: ReadLogOptions, counter: { brokenLines: number }) {
  const path = typeof source === "string" ? source : undefined;
  const file = typeof source === "string" ? await openLog(source) : source;
  const wake = options.follow ? watcher(path) : undefined;
  try {
    const size = (await file.stat()).size;
    const scan = scanner(file, options.tail === undefined ? 0 : await findTail(file, size, options.tail));
    for (let over = false; !over; ) {
      // Asked before reading: whatever was written before the answer is read after it.
      over = wake === undefined || ((await options.finished?.()) ?? false);
      for await (const block of scan(wake === undefined ? size : Number.MAX_SAFE_INTEGER, over)) {
        options.signal?.throwIfAborted();
        for (const line of block) {
          const parsed = parseLogLine(line);
          if (parsed === undefined) counter.brokenLines++;
          else if (inRange(parsed, options)) yield parsed;
        }
      }
      if (!over) await wake?.wait(options.signal);
    }
  } catch (error) {
    throw wrapError(`read the log ${path ?? ""}`.trimEnd(), error);
  } finally {
    wake?.close();
    if (path !== undefined) await file.close();
  }
}

/**
 * Gives whole lines up to `end`, block by block, and goes on there at the next call. It never moves past half a line, since
 * the keeper cuts half a line off again when the disk is full. An empty line stands for what is torn or too long.
 */
function scanner(file: FileHandle, start: number) {
  let offset = start;
  let skipping = false; // inside a line that is too long
  let buffer = Buffer.allocUnsafe(blockBytes);
  return async function* scan(end: number, last: boolean): AsyncGenerator<Uint8Array[]> {
    for (;;) {
      const wanted = Math.min(buffer.length, end - offset);
      const { bytesRead } = wanted > 0 ? await file.read(buffer, 0, wanted, offset) : { bytesRead: 0 };
      const { lines, usedBytes } = splitLines(buffer.subarray(0, bytesRead));
      offset += usedBytes;
      if (lines.length > 0) {
        yield skipping ? lines.slice(1) : lines;
        skipping = false;
      } else if (bytesRead < buffer.length) {
        if (last && bytesRead > 0 && !skipping) yield [nothing];
        return;
      } else if (buffer.length < maximalLogLineBytes) {
        buffer = Buffer.allocUnsafe(buffer.length * 2);
      } else {
        if (!skipping) yield [nothing];
        skipping = true;
        offset += bytesRead;
      }
    }
  };
}

function splitLines(block: Uint8Array): { lines: Uint8Array[]; usedBytes: number } {
  const lines: Uint8Array[] = [];
  let usedBytes = 0;
  for (let feed = block.indexOf(lineFeed); feed >= 0; feed = block.indexOf(lineFeed, usedBytes)) {
    lines.push(block.subarray(usedBytes, feed));
    usedBytes = feed + 1;
  }
  return { lines, usedBytes };
}

async function openLog(path: string): Promise<FileHandle> {
  return open(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== "ENOENT") throw wrapError(`read the log ${path}`, cause);
    throw galleyError("not-found", "keeper.no-log", `read the log ${path}: there is none`, { cause });
  });
}

function inRange(line: LogLine, options: ReadLogOptions): boolean {
  if (options.sinceMs === undefined && options.untilMs === undefined) return true;
  const timeMs = Date.parse(line.time);
  return timeMs >= (options.sinceMs ?? timeMs) && timeMs < (options.untilMs ?? Number.POSITIVE_INFINITY);
}

/** Waits for a change of the file, or a short while: `finished` has to be asked from time to time. */
function watcher(path: string | undefined) {
  let changed = false;
  let wakeUp = (): void => {};
  const onChange = (): void => {
    changed = true;
    wakeUp();
  };
  const watching = path === undefined ? undefined : watch(path, onChange).on("error", onChange);
  return {
    async wait(signal: AbortSignal | undefined): Promise<void> {
      signal?.throwIfAborted();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pollMs);
        wakeUp = () => {
          clearTimeout(timer);
          resolve();
        };
        if (changed) wakeUp();
        signal?.addEventListener("abort", wakeUp, { once: true });
      });
      signal?.removeEventListener("abort", wakeUp);
      signal?.throwIfAborted();
      changed = false;
    },
    close: () => watching?.close(),
  };
}
