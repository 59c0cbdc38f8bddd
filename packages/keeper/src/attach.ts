import type { Duplex } from "node:stream";
import { galleyError, wrapError } from "@galley/spec";
import { type ExitRecord, parseExitRecord } from "./exit-record.ts";
import { encodeFrame, type FramePiece, frameDecoder, frameHeader, frameTypes } from "./frames.ts";
import { maximalFrameBytes } from "./limits.ts";

/** The payload's streams; with a terminal everything is `stdout`. */
export type OutputStream = "stdout" | "stderr";

export interface AttachOptions {
  /**
   * Gets output as it comes; the bytes are valid during the call only if you copy nothing (they belong to the stream's chunk).
   * While a returned promise is pending nothing more is read, and in the end the container waits.
   */
  readonly onOutput?: (stream: OutputStream, bytes: Uint8Array) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

/** A terminal's size in characters. */
export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

/** One connection to a keeper. Close it, or let the keeper: it ends the connection after the payload's end. */
export interface Attachment extends AsyncDisposable {
  /**
   * How the payload ended, after all its output was handed over. Rejects with `unavailable` when the keeper vanished before,
   * `corrupt` when it spoke nonsense, `cancelled` after an abort or `close()`.
   */
  readonly exited: Promise<ExitRecord>;
  /** Bytes for the payload's stdin. Resolves when the connection took them, later if the payload reads slowly. */
  write(bytes: Uint8Array): Promise<void>;
  /** No more stdin; the payload sees its end if the keeper was told `stdinOnce` and there is no terminal. */
  endStdin(): void;
  /** Sets the terminal's size; without a terminal nothing happens. */
  resize(size: TerminalSize): void;
  /** Tells what this client wants and waits until it gets it; the primary client has everything and needs no hello. */
  hello(wants: AttachWants): Promise<void>;
  /** Tells the keeper that this client cares for what comes after the end, so that it skips `afterwards`. Resolves when sent. */
  acknowledge(): Promise<void>;
  /** May be called more than once. */
  close(): void;
}

export interface AttachWants {
  readonly stdout?: boolean;
  readonly stderr?: boolean;
  /** Whether `write` and `endStdin` will be used. */
  readonly stdin?: boolean;
}

/**
 * Speaks the attach protocol over a connected stream: the other end of the keeper's `client` descriptor, or a connection to
 * its socket (see `connectAttach`).
 *
 * @example
 * const attachment = attach(stream, { onOutput: (name, bytes) => void process[name].write(bytes) });
 * process.exitCode = (await attachment.exited).code;
 */
export function attach(stream: Duplex, options: AttachOptions = {}): Attachment {
  const exited = Promise.withResolvers<ExitRecord>();
  const greetings: PromiseWithResolvers<void>[] = [];
  exited.promise.catch(() => {}); // who does not look at it must not crash
  let over = false;

  const finish = (record: ExitRecord | undefined, error?: unknown): void => {
    over = true;
    if (record !== undefined) exited.resolve(record);
    const why = error ?? gone();
    exited.reject(why);
    for (const greeting of greetings.splice(0)) greeting.reject(why);
    if (record === undefined) stream.destroy();
  };

  const act = actOnPiece(options, greetings, finish);
  readPieces(stream, act, finish);
  const abort = (): void => finish(undefined, cancelled(options.signal?.reason));
  options.signal?.addEventListener("abort", abort, { once: true });
  stream.once("close", () => {
    options.signal?.removeEventListener("abort", abort);
    if (!over) finish(undefined);
  });
  if (options.signal?.aborted) abort();

  const close = (): void => {
    if (!over) finish(undefined, cancelled());
    stream.destroy();
  };
  return {
    exited: exited.promise,
    write: (bytes) => writeStdin(stream, bytes),
    endStdin: () => void stream.write(encodeFrame(frameTypes.stdinEnd)),
    resize: (size) => void stream.write(encodeFrame(frameTypes.resize, sizePayload(size))),
    acknowledge: () => send(stream, encodeFrame(frameTypes.acknowledge)).catch(() => {}),
    hello: (wants) => {
      const greeting = Promise.withResolvers<void>();
      greetings.push(greeting);
      send(stream, encodeFrame(frameTypes.hello, wantsPayload(wants))).catch(greeting.reject);
      return greeting.promise;
    },
    close,
    [Symbol.asyncDispose]: async () => close(),
  };
}

type Act = (piece: FramePiece) => void | Promise<void>;
type Finish = (record: ExitRecord | undefined, error?: unknown) => void;

function actOnPiece(options: AttachOptions, greetings: PromiseWithResolvers<void>[], finish: Finish): Act {
  const recordPieces: Uint8Array[] = [];
  return (piece) => {
    if (piece.type === frameTypes.stdout) return options.onOutput?.("stdout", piece.bytes);
    if (piece.type === frameTypes.stderr) return options.onOutput?.("stderr", piece.bytes);
    if (piece.type === frameTypes.attached) return greetings.shift()?.resolve();
    recordPieces.push(piece.bytes);
    if (piece.last) finish(parseExitRecord(Buffer.concat(recordPieces).toString()));
  };
}

/** Reads in flowing mode, paused while a handler's promise is pending. */
function readPieces(stream: Duplex, act: Act, finish: Finish): void {
  const decode = frameDecoder();
  const work = async (pieces: FramePiece[], first: Promise<void>): Promise<void> => {
    await first;
    for (const piece of pieces) await act(piece);
    stream.resume();
  };
  stream.on("data", (chunk: Uint8Array) => {
    try {
      const pieces = decode(chunk);
      for (const [index, piece] of pieces.entries()) {
        const pending = act(piece);
        if (pending === undefined) continue;
        stream.pause();
        work(pieces.slice(index + 1), pending).catch((error) => finish(undefined, wrapError("attach", error)));
        return;
      }
    } catch (error) {
      finish(undefined, wrapError("attach", error));
    }
  });
  // A connection closed with unread stdin gives ECONNRESET after the last frame, unix(7); "close" follows and decides.
  stream.on("error", () => {});
  stream.resume(); // also one that was paused until now
}

function send(stream: Duplex, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(bytes, (error) => (error ? reject(gone(error)) : resolve()));
  });
}

async function writeStdin(stream: Duplex, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += maximalFrameBytes) {
    const part = bytes.subarray(at, at + maximalFrameBytes);
    stream.cork();
    stream.write(frameHeader(frameTypes.stdin, part.length));
    const sent = send(stream, part);
    stream.uncork();
    await sent;
  }
}

function sizePayload(size: TerminalSize): Uint8Array {
  const payload = new Uint8Array(4);
  const view = new DataView(payload.buffer);
  view.setUint16(0, size.rows, true);
  view.setUint16(2, size.columns, true);
  return payload;
}

function wantsPayload(wants: AttachWants): Uint8Array {
  return Uint8Array.of((wants.stdout ? 1 : 0) | (wants.stderr ? 2 : 0) | (wants.stdin ? 4 : 0));
}

function gone(cause?: unknown): Error {
  return galleyError("unavailable", "keeper.gone", "attach: the keeper is gone", { cause });
}

function cancelled(cause?: unknown): Error {
  return galleyError("cancelled", "cancelled", "attach: cancelled", { cause });
}
