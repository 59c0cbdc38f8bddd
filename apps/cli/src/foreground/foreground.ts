import type { StartOptions } from "@galley/engine";
import { galleyError, wrapError } from "@galley/spec";
import { isClosedOutput, printError, writeAll } from "../output/print.ts";
import { detachKeys, detachScanner } from "./detach-keys.ts";
import { forwardInput, type InputTarget } from "./forward-input.ts";
import { catchSignals, exitOnSignals, type SignalProxy } from "./signals.ts";
import { rawInput, terminalSize } from "./terminal.ts";

/** How we are connected to what runs. */
export interface ForegroundOptions {
  /** Hand our standard input on. */
  readonly interactive: boolean;
  /** It has a terminal of its own. */
  readonly terminal: boolean;
  /** Hand signals on to it, unless our terminal is raw. */
  readonly proxySignals: boolean;
}

/** What we need of an attachment. */
export interface Followed extends InputTarget {
  readonly exited: Promise<{ readonly code: number }>;
  resize(size: { readonly rows: number; readonly columns: number }): void;
  close(): void;
}

/** How following something ended: its exit code, or our leaving it. */
export type FollowEnd = { readonly code: number } | "detached";

/** Our end of a container or of a process in one. Dispose of it to have terminal and signals as they were. */
export interface Foreground extends Disposable {
  /** For starting: connects what runs with our output from its first byte on. */
  readonly start: Pick<StartOptions, "attach" | "size">;
  /**
   * Stays until the end, all output written. `signal` delivers our signals.
   *
   * @throws GalleyError unavailable when nobody reads our output any more (what runs goes on) or the keeper is gone
   */
  follow(attachment: Followed | undefined, signal?: (name: string) => Promise<void>): Promise<FollowEnd>;
}

/** Gets ready to be in front of what is going to be started. */
export function openForeground(options: ForegroundOptions): Foreground {
  const raw = options.terminal && options.interactive && process.stdin.isTTY;
  if (options.terminal && options.interactive && !raw) warnAboutInput();
  const size = options.terminal ? terminalSize() : undefined;
  const closed = Promise.withResolvers<never>();
  closed.promise.catch(() => {});
  const stack = new DisposableStack();
  const proxy = options.proxySignals && !raw ? stack.use(catchSignals()) : undefined;
  return {
    start: { attach: { onOutput: outputWriter(closed.reject) }, ...(size ? { size } : {}) },
    follow: async (attachment, signal) => {
      if (attachment === undefined)
        throw galleyError("internal", "cli.not-attached", "what was started is not connected");
      if (options.terminal) stack.use(followSize(attachment));
      if (raw) takeTerminal(stack);
      deliverSignals(proxy, signal);
      const input = options.interactive ? followInput(attachment, options.terminal) : never;
      const end = await Promise.race([attachment.exited, input, closed.promise]);
      if (end !== "detached") return { code: end.code };
      attachment.close();
      return end;
    },
    [Symbol.dispose]: () => stack.dispose(),
  };
}

const never = new Promise<never>(() => {});

function warnAboutInput(): void {
  printError("Warning: the input device is not a TTY. The --tty and --interactive flags might not work properly");
}

/** Nobody reading must not end the connection in the middle: the first failure is kept, the rest of the output dropped. */
function outputWriter(fail: (error: unknown) => void) {
  let failed = false;
  const refuse = (error: unknown): void => {
    failed = true;
    fail(isClosedOutput(error) ? error : wrapError("write output", error));
  };
  return (stream: "stdout" | "stderr", bytes: Uint8Array): void | Promise<void> => {
    if (failed) return undefined;
    try {
      return writeAll(stream === "stdout" ? 1 : 2, bytes)?.catch(refuse);
    } catch (error) {
      return refuse(error);
    }
  };
}

function followSize(attachment: Followed): Disposable {
  const tell = (): void => {
    const size = terminalSize();
    if (size) attachment.resize(size);
  };
  process.on("SIGWINCH", tell);
  return { [Symbol.dispose]: () => void process.off("SIGWINCH", tell) };
}

function takeTerminal(stack: DisposableStack): void {
  stack.use(exitOnSignals());
  stack.defer(rawInput());
}

/** A signal that comes too late to be delivered was not needed. */
function deliverSignals(proxy: SignalProxy | undefined, signal: ((name: string) => Promise<void>) | undefined): void {
  proxy?.deliverTo((name) => void signal?.(name).catch(() => {}));
}

async function followInput(attachment: Followed, terminal: boolean): Promise<FollowEnd> {
  const end = await forwardInput(process.stdin, attachment, terminal ? detachScanner(detachKeys) : undefined);
  return end === "detached" ? end : never; // what runs may go on without input
}
