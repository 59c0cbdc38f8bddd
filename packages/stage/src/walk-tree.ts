import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { galleyError, wrapError } from "@galley/spec";
import { type ReadWalkOptions, readWalk, type TreeEntry } from "./read-walk.ts";
import { walkPath } from "./walk-path.ts";

export interface WalkTreeOptions extends ReadWalkOptions {
  /** Whether `content()` will be used; without it no file is opened. */
  readonly content?: boolean;
  readonly xattrs?: boolean;
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
  try {
    yield* readWalk(outputOf(child, options.signal), options);
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

/** What the program writes, as it is asked for; then the error that ended it, if there was one. */
async function* outputOf(child: ChildProcess, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
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
  for await (const chunk of child.stdout as Readable) {
    if (failure !== undefined) break;
    yield chunk;
  }
  if (failure !== undefined) throw failure;
}
