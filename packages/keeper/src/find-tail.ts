import type { FileHandle } from "node:fs/promises";
import { maximalLogLineBytes } from "./limits.ts";
import { type LogLine, parseLogLine } from "./log-line.ts";

const blockBytes = 64 * 1024;
const lineFeed = 0x0a;

/**
 * The offset at which the last `count` lines of a log begin, found from its end; pieces of one line count as one.
 *
 * @example
 * const offset = await findTail(file, (await file.stat()).size, 10);
 */
export async function findTail(file: FileHandle, sizeBytes: number, count: number): Promise<number> {
  const ended = new Set<string>();
  let found = 0;
  for await (const { bytes, end } of linesBackwards(file, sizeBytes)) {
    const line = parseLogLine(bytes);
    if (line === undefined) continue;
    if (isEndOfLine(line, ended)) found++;
    if (found > count) return end;
  }
  return 0;
}

/** A whole line, or the last piece of a stream: its line is unfinished. Streams may be mixed, so each is looked at alone. */
function isEndOfLine(line: LogLine, seen: Set<string>): boolean {
  const last = !seen.has(line.stream);
  seen.add(line.stream);
  return last || !line.partial;
}

/** Lines with the offset behind their line feed, from the end; what is too long to be one loses its beginning. */
async function* linesBackwards(file: FileHandle, sizeBytes: number) {
  let rest = Buffer.alloc(0);
  let start = sizeBytes;
  while (start > 0) {
    const length = Math.min(blockBytes, start);
    start -= length;
    const block = Buffer.alloc(length);
    const { bytesRead } = await file.read(block, 0, length, start);
    rest = Buffer.concat([block.subarray(0, bytesRead), rest]);
    for (let feed = rest.lastIndexOf(lineFeed); feed >= 0; feed = rest.lastIndexOf(lineFeed)) {
      const end = start + rest.length + 1;
      if (end <= sizeBytes) yield { bytes: rest.subarray(feed + 1), end }; // else: behind the last line feed
      rest = rest.subarray(0, feed);
    }
    if (rest.length > maximalLogLineBytes) rest = rest.subarray(0, maximalLogLineBytes);
  }
  yield { bytes: rest, end: rest.length + 1 };
}
