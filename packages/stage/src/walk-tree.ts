import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { type ErrorKind, galleyError, wrapError } from "@galley/spec";
import { walkPath } from "./walk-path.ts";
import {
  corrupt,
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
   * for. Chunks are valid until the next one. Nothing for other types.
   *
   * @throws GalleyError `conflict` when the file got shorter meanwhile (what it grew is left out), `unavailable` when reading failed.
   */
  content(): AsyncIterable<Uint8Array>;
}

export interface WalkTreeOptions {
  /** Whether `content()` will be used; without it no file is opened. */
  readonly content?: boolean;
  readonly xattrs?: boolean;
  /** Gets what cannot be read, and the walk goes on without it; unless given, the first such thing ends the walk with its error. */
  readonly onProblem?: (error: Error) => void;
  readonly signal?: AbortSignal;
}

/**
 * Reads a tree: the root first (path ""), depth first, the names of a directory in byte order. No link is followed, no device
 * opened, the root not left. Leaving the loop early ends the program.
 *
 * @param root a path, or a directory you hold open
 * @throws GalleyError for the root: `not-found`, `invalid` (no directory), `forbidden`; `cancelled` after an abort.
 * @example
 * for await (const { path, type, mode } of walkTree("/srv/tree", { xattrs: true })) console.log(type, mode.toString(8), path);
 */
export async function* walkTree(
  root: string | { readonly fd: number },
  options: WalkTreeOptions = {},
): AsyncGenerator<TreeEntry, void, undefined> {
  const child = start(root, options);
  const next = recordSource(child, options.signal);
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
    child.kill("SIGKILL");
    child.stdout?.destroy();
  }
}

function start(root: string | { readonly fd: number }, options: WalkTreeOptions): ChildProcess {
  if (options.signal?.aborted) throw wrapError("walk", new DOMException("aborted", "AbortError"));
  const flags = [...(options.content ? ["--content"] : []), ...(options.xattrs ? ["--xattrs"] : [])];
  const isPath = typeof root === "string";
  return spawn(walkPath(), [...flags, isPath ? resolve(root) : "3"], {
    stdio: ["ignore", "pipe", "ignore", ...(isPath ? [] : [root.fd])],
  });
}

type NextRecord = () => Promise<WalkRecord | undefined>;

/** Reads the program's output as it is asked for. */
function recordSource(child: ChildProcess, signal: AbortSignal | undefined): NextRecord {
  const decode = walkRecordDecoder();
  const chunks = (child.stdout as Readable)[Symbol.asyncIterator]();
  let failure: Error | undefined;
  const abort = (): void => {
    failure = galleyError("cancelled", "cancelled", "walk: cancelled", { cause: signal?.reason });
    child.kill("SIGKILL"); // which ends its output
  };
  child.once("error", (cause) => {
    failure = wrapError("start walk", cause);
  });
  signal?.addEventListener("abort", abort, { once: true });
  child.once("close", () => signal?.removeEventListener("abort", abort));
  let records: WalkRecord[] = [];
  let at = 0;
  return async () => {
    while (at === records.length && failure === undefined) {
      const chunk = await chunks.next();
      if (chunk.done) break;
      records = decode(chunk.value);
      at = 0;
    }
    if (failure !== undefined) throw failure;
    return records[at++];
  };
}

function contentReader(
  status: TreeStatus,
  options: WalkTreeOptions,
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
        done = record?.type !== walkRecords.content;
        if (record?.type === walkRecords.whole) return checkWhole(status, parseWhole(record.payload));
        if (record?.type !== walkRecords.content) throw corrupt("content without an end");
        yield record.payload;
      }
    } finally {
      // A reader that stops early: the rest is passed over, since the next entry comes behind it.
      while (!done) done = (await next())?.type !== walkRecords.content;
    }
  };
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
  const path = problem.pathBytes.toString();
  const what = `walk: ${problem.doing}${path === "" ? "" : ` ${path}`}: ${name}`;
  return galleyError(kinds[name] ?? "unavailable", "stage.walk-failed", what, { details: { path, errno: name } });
}

function errorName(errno: number): string {
  return Object.entries(constants.errno).find(([, number]) => number === errno)?.[0] ?? `errno ${errno}`;
}

function misuse(status: TreeStatus, why: string): Error {
  return galleyError("invalid", "stage.no-content", `read ${status.path}: content ${why}`);
}
