import { galleyError } from "@galley/spec";

/** Lets so many in at a time; the others come in the order in which they asked. */
export interface Gate {
  /** Resolves to what must be called, once or more often, to leave. Throws `cancelled`. */
  enter(signal?: AbortSignal): Promise<() => void>;
}

/**
 * Makes a gate.
 *
 * @example
 * const leave = await gate.enter(signal);
 * try { await transfer(); } finally { leave(); }
 */
export function createGate(limit: number): Gate {
  let free = Math.max(1, limit);
  const line = new Set<() => void>();
  const leave = (): void => {
    const [next] = line;
    if (!next) return void free++;
    line.delete(next);
    next();
  };
  return {
    async enter(signal) {
      if (free > 0) free--;
      else await turn(line, signal);
      return once(leave);
    },
  };
}

function turn(line: Set<() => void>, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const enter = (): void => {
      signal?.removeEventListener("abort", giveUp);
      resolve();
    };
    const giveUp = (): void => {
      line.delete(enter);
      reject(galleyError("cancelled", "cancelled", "wait for other transfers: cancelled", { cause: signal?.reason }));
    };
    if (signal?.aborted) return giveUp();
    signal?.addEventListener("abort", giveUp, { once: true });
    line.add(enter);
  });
}

function once(leave: () => void): () => void {
  let left = false;
  return () => {
    if (!left) leave();
    left = true;
  };
}
