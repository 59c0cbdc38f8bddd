import type { TransferProgress } from "@galley/engine";
import type { TransferDisplay } from "./transfer-display.ts";

/** At most so often a part tells of bytes alone. */
const everyMs = 100;

/** What a JSON display needs. */
export interface JsonDisplayOptions {
  readonly print: (line: string) => void;
  /** A clock that does not jump, in milliseconds. */
  readonly nowMs: () => number;
}

/**
 * A JSON object a line, for programs: `digest`, `kind`, `state`, `doneBytes`, `totalBytes` of a part, with each new state and
 * at most ten times a second while bytes move; `{"state":"finished"}` when all is there.
 */
export function jsonDisplay({ print, nowMs }: JsonDisplayOptions): TransferDisplay {
  const last = new Map<string, { readonly state: TransferProgress["state"]; readonly atMs: number }>();
  return {
    show({ digest, kind, state, doneBytes, totalBytes }) {
      const before = last.get(digest);
      const atMs = nowMs();
      if (before?.state === state && atMs - before.atMs < everyMs) return;
      last.set(digest, { state, atMs });
      print(JSON.stringify({ digest, kind, state, doneBytes, totalBytes }));
    },
    finish: () => print(JSON.stringify({ state: "finished" })),
    close() {},
  };
}
