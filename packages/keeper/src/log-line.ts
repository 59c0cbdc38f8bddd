import type { OutputStream } from "./attach.ts";

/** One entry of a log in CRI's k8s-file format. */
export interface LogLine {
  /** RFC 3339 with nanoseconds, as it is in the file. */
  readonly time: string;
  readonly stream: OutputStream;
  /** Whether the text goes on in the next entry of this stream: then no line feed belongs behind it. */
  readonly partial: boolean;
  /** The text without its line feed. */
  readonly bytes: Uint8Array;
}

const space = 0x20;
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
const longestTime = 40;

/**
 * Reads one line of a log, without its line feed; undefined for a broken one.
 *
 * @example
 * parseLogLine(Buffer.from("2016-10-06T00:17:09.669794202Z stdout F hello")); // { time, stream: "stdout", partial: false, bytes }
 */
export function parseLogLine(line: Uint8Array): LogLine | undefined {
  const afterTime = line.indexOf(space);
  if (afterTime < 0 || afterTime > longestTime) return undefined;
  const stream = streamAt(line, afterTime + 1);
  if (stream === undefined) return undefined;
  const flagAt = afterTime + 2 + stream.length;
  const flag = line[flagAt];
  if (flag !== 0x46 /* F */ && flag !== 0x50 /* P */) return undefined;
  const textAt = endOfTags(line, flagAt + 1);
  const text = Buffer.from(line.buffer, line.byteOffset, afterTime).toString("latin1");
  if (textAt < 0 || !time.test(text)) return undefined;
  return { time: text, stream, partial: flag === 0x50, bytes: line.subarray(textAt) };
}

function streamAt(line: Uint8Array, at: number): OutputStream | undefined {
  const word = Buffer.from(line.buffer, line.byteOffset + at, Math.min(7, line.length - at)).toString("latin1");
  return word === "stdout " ? "stdout" : word === "stderr " ? "stderr" : undefined;
}

/** More tags may follow the first behind colons; the text begins behind the next space. */
function endOfTags(line: Uint8Array, at: number): number {
  if (line[at] === space) return at + 1;
  if (line[at] !== 0x3a /* : */) return -1;
  const end = line.indexOf(space, at);
  return end < 0 ? -1 : end + 1;
}
