import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Writable } from "node:stream";
import type { Extractor } from "@galley/conformance";
import type { ExtractorAnswer } from "./extractor-program.ts";

/** An extractor in a process of its own, with what it says of itself. */
export interface ExtractorProcess extends Extractor, AsyncDisposable {
  /** Its last answer. */
  last(): ExtractorAnswer | undefined;
}

/** Starts `extractor-program.ts`. */
export function startExtractor(): ExtractorProcess {
  const program = new URL("./extractor-program.ts", import.meta.url);
  const child = fork(program, [], {
    execArgv: ["--conditions=@galley/source"],
    stdio: ["ignore", "inherit", "inherit", "ipc", "ignore", "pipe"],
  });
  const input = (child.stdio as readonly unknown[])[5] as Writable;
  let last: ExtractorAnswer | undefined;
  return {
    whiteouts: "overlay",
    codeOf: (error) => (error as { code?: string }).code,
    extract: async (archive, hostPath) => {
      const answered = answer(child);
      child.send(hostPath);
      await send(archive, input, answered);
      last = await answered;
      if (last.refusal) throw Object.assign(new Error(last.refusal.message), { code: last.refusal.code });
    },
    last: () => last,
    [Symbol.asyncDispose]: async () => {
      input.end();
      child.disconnect();
      await once(child, "exit");
    },
  };
}

async function answer(child: ChildProcess): Promise<ExtractorAnswer> {
  const ended = new AbortController();
  const exit = once(child, "exit", { signal: ended.signal }).then(([code, signal]) => {
    throw new Error(`the extractor ended with ${signal ?? code}`);
  });
  exit.catch(() => {});
  try {
    const [message] = await Promise.race([once(child, "message", { signal: ended.signal }), exit]);
    return message as ExtractorAnswer;
  } finally {
    ended.abort();
  }
}

/** Frames of the archive, until it ends or the answer is there. */
async function send(archive: AsyncIterable<Uint8Array>, input: Writable, answered: Promise<unknown>): Promise<void> {
  let done = false;
  const noted = answered.finally(() => {
    done = true;
  });
  noted.catch(() => {});
  for await (const chunk of archive) {
    if (done) break;
    if (chunk.length > 0 && !frame(chunk, input)) await Promise.race([once(input, "drain"), noted]);
  }
  input.write(new Uint8Array(4));
}

function frame(chunk: Uint8Array, input: Writable): boolean {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(chunk.length);
  input.write(length);
  return input.write(chunk);
}
