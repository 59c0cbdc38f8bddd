import { constants } from "node:os";
import { type ErrorKind, galleyError } from "@galley/spec";
import {
  corrupt,
  parseHole,
  parseTreeStatus,
  parseWalkProblem,
  parseWhole,
  type TreeStatus,
  type WalkProblem,
  type WalkRecord,
  walkRecordDecoder,
  walkRecords,
} from "./walk-records.ts";

/** One file of a tree, of whatever type. */
export interface TreeEntry extends TreeStatus {
  /**
   * The bytes of a regular file, `sizeBytes` of them, when the walk was asked for content: once, before the next entry is asked
   * for. Nothing for other types. Holes come as zeros, without having been read.
   *
   * @throws GalleyError `conflict` when the file got shorter meanwhile (what it grew is left out), `unavailable` when reading failed.
   */
  content(): AsyncIterable<Uint8Array>;
}

/** How the output of walk is read. */
export interface ReadWalkOptions {
  /** Whether walk was asked for content (`--content`). */
  readonly content?: boolean;
  /** Gets what cannot be read, and the walk goes on without it; unless given, the first such thing ends the walk with its error. */
  readonly onProblem?: (error: Error) => void;
}

/**
 * The entries in the output of the program walk, wherever it runs: for those who start it themselves, for example as the last
 * step of a plan that has made a mount for it.
 *
 * @throws GalleyError `corrupt` for output that is cut off; what walk could not read, see `onProblem`
 * @example
 * for await (const { path } of readWalk(performance.streams.get(5))) console.log(path);
 */
export async function* readWalk(
  output: AsyncIterable<Uint8Array>,
  options: ReadWalkOptions = {},
): AsyncGenerator<TreeEntry, void, undefined> {
  const chunks = output[Symbol.asyncIterator]();
  const next = recordSource(chunks);
  let problem: Error | undefined;
  try {
    for (let record = await next(); ; record = await next()) {
      if (record === undefined) throw problem ?? corrupt("its end is missing");
      if (record.type === walkRecords.end) return;
      if (record.type === walkRecords.problem) {
        problem = problemError(parseWalkProblem(record.payload));
        // Without a root there is nothing to go on with; a directory moved away ends the program behind its problem.
        if (options.onProblem === undefined) throw problem;
        options.onProblem(problem);
        continue;
      }
      if (record.type !== walkRecords.entry) throw corrupt(`a stray record of type ${record.type}`);
      const status = parseTreeStatus(record.payload);
      const content = contentReader(status, options, next);
      yield { ...status, content };
      if (options.content) await drain(content);
    }
  } finally {
    await chunks.return?.();
  }
}

type NextRecord = () => Promise<WalkRecord | undefined>;

/** Reads as it is asked for. */
function recordSource(chunks: AsyncIterator<Uint8Array>): NextRecord {
  const decode = walkRecordDecoder();
  let records: WalkRecord[] = [];
  let at = 0;
  let failure: { readonly cause: unknown } | undefined;
  const read = async (): Promise<IteratorResult<Uint8Array>> => {
    if (failure) throw failure.cause; // an iterator that has thrown says only once why
    try {
      return await chunks.next();
    } catch (cause) {
      failure = { cause };
      throw cause;
    }
  };
  return async () => {
    while (at === records.length) {
      const { done, value } = await read();
      if (done) return undefined;
      records = decode(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
      at = 0;
    }
    return records[at++];
  };
}

const zeros = Buffer.alloc(256 * 1024);

function contentReader(
  status: TreeStatus,
  options: ReadWalkOptions,
  next: NextRecord,
): () => AsyncGenerator<Uint8Array> {
  let begun = !options.content || status.type !== "file";
  return async function* content() {
    if (status.type === "file" && !options.content) throw misuse(status, "was not asked for");
    if (begun) return;
    begun = true;
    let done = false;
    try {
      for (;;) {
        const record = await next();
        done = !isContent(record);
        if (record?.type === walkRecords.whole) return checkWhole(status, parseWhole(record.payload));
        if (record?.type === walkRecords.content) yield record.payload;
        else if (record?.type === walkRecords.hole) yield* zerosOf(parseHole(record.payload));
        else throw corrupt("content without an end");
      }
    } finally {
      // A reader that stops early: the rest is passed over, since the next entry comes behind it.
      while (!done) done = !isContent(await next());
    }
  };
}

function isContent(record: WalkRecord | undefined): boolean {
  return record?.type === walkRecords.content || record?.type === walkRecords.hole;
}

function* zerosOf(sizeBytes: number): Iterable<Buffer> {
  for (let left = sizeBytes; left > 0; left -= zeros.length) yield zeros.subarray(0, left);
}

/** Passes over what nobody read. */
async function drain(content: () => AsyncGenerator<Uint8Array>): Promise<void> {
  const rest = content();
  try {
    while (!(await rest.next()).done);
  } catch {
    // Who does not read a file does not care that it changed; a broken stream shows at the next record.
  }
}

function checkWhole(status: TreeStatus, whole: { readBytes: number; errno: number }): void {
  if (whole.errno === 0 && whole.readBytes === status.sizeBytes) return;
  const details = { path: status.path, sizeBytes: status.sizeBytes, ...whole };
  if (whole.errno === 0) {
    const told = `${whole.readBytes} of ${status.sizeBytes} bytes are left of it`;
    throw galleyError("conflict", "stage.walk-changed", `read ${status.path}: ${told}`, { details });
  }
  throw galleyError("unavailable", "stage.walk-failed", `read ${status.path}: ${errorName(whole.errno)}`, { details });
}

const kinds: Readonly<Record<string, ErrorKind>> = {
  ENOENT: "not-found",
  ENOTDIR: "invalid",
  ELOOP: "invalid",
  EINVAL: "invalid",
  EACCES: "forbidden",
  EPERM: "forbidden",
  ESTALE: "conflict",
};

function problemError(problem: WalkProblem): Error {
  const name = errorName(problem.errno);
  const { path } = problem;
  const what = `walk: ${problem.doing}${path === "" ? "" : ` ${path}`}: ${name}`;
  return galleyError(kinds[name] ?? "unavailable", "stage.walk-failed", what, { details: { path, errno: name } });
}

function errorName(errno: number): string {
  return Object.entries(constants.errno).find(([, number]) => number === errno)?.[0] ?? `errno ${errno}`;
}

function misuse(status: TreeStatus, why: string): Error {
  return galleyError("invalid", "stage.no-content", `read ${status.path}: content ${why}`);
}
