import type { ClientRequest, IncomingMessage } from "node:http";
import { minStallBytes, readAheadBytes } from "./limits.ts";
import { timeoutError } from "./timeout-error.ts";

interface ReadOptions {
  readonly outgoing: ClientRequest;
  readonly stallMs: number;
  /** Makes the error that the reader gets. */
  readonly map: (cause: unknown) => Error;
}

type Result = IteratorResult<Uint8Array>;

/**
 * The body of an answer, in the pieces in which it came: nothing is copied. Reads a little ahead. Throws when the
 * connection is cut, and when less than `minStallBytes` come while the reader waits for `stallMs`.
 */
export function readBody(message: IncomingMessage, options: ReadOptions): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => bodyIterator(message, options) };
}

function bodyIterator(message: IncomingMessage, { outgoing, stallMs, map }: ReadOptions): AsyncIterator<Uint8Array> {
  const queue: Uint8Array[] = [];
  let queuedBytes = 0;
  let end: "whole" | { readonly cause: unknown } | undefined;
  let waiting: PromiseWithResolvers<Result> | undefined;
  const hunger = watchHunger(stallMs, () => {
    finish({ cause: timeoutError("STALLED") });
    message.destroy();
  });

  const take = (): Promise<Result> | undefined => {
    const value = queue.shift();
    if (value === undefined) return end && ended(end);
    queuedBytes -= value.byteLength;
    if (queuedBytes < readAheadBytes / 2 && message.isPaused()) message.resume();
    return Promise.resolve({ value, done: false });
  };
  const ended = (how: NonNullable<typeof end>): Promise<Result> =>
    how === "whole" ? Promise.resolve({ value: undefined, done: true }) : Promise.reject(map(how.cause));
  const wake = (): void => {
    const result = waiting && take();
    if (!waiting || !result) return;
    hunger.fed();
    waiting.resolve(result);
    waiting = undefined;
  };
  const finish = (how: NonNullable<typeof end>): void => {
    end ??= how;
    // An answer that came before all of the request was out leaves a connection of no use.
    if (!outgoing.writableFinished) outgoing.destroy();
    wake();
  };

  if (message.destroyed) finish({ cause: cut() });
  message.on("data", (bytes: Buffer) => {
    queue.push(bytes);
    queuedBytes += bytes.byteLength;
    hunger.received(bytes.byteLength);
    if (queuedBytes >= readAheadBytes) message.pause();
    wake();
  });
  message.once("end", () => finish("whole"));
  message.once("error", (cause) => finish({ cause }));
  message.once("close", () => finish({ cause: cut() }));
  return {
    next() {
      const ready = take();
      if (ready) return ready;
      hunger.waits();
      waiting = Promise.withResolvers();
      return waiting.promise;
    },
    async return() {
      finish("whole");
      queue.length = 0;
      message.destroy();
      return { value: undefined, done: true };
    },
  };
}

function cut(): Error {
  return Object.assign(new Error("connection cut"), { code: "ECONNRESET" });
}

/** Counts the time that a reader has waited since there was last anything worth the name; its own pauses are free. */
function watchHunger(stallMs: number, starved: () => void) {
  let hungryMs = 0;
  let sinceMs = 0;
  let sinceBytes = 0;
  let timer: NodeJS.Timeout | undefined;
  return {
    waits(): void {
      sinceMs = performance.now();
      timer = setTimeout(starved, Math.max(1, stallMs - hungryMs));
    },
    fed(): void {
      clearTimeout(timer);
      hungryMs += performance.now() - sinceMs;
    },
    received(bytes: number): void {
      sinceBytes += bytes;
      if (sinceBytes < minStallBytes) return;
      sinceBytes = 0;
      hungryMs = 0;
    },
  };
}
