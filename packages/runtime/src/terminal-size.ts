import type { ProcessSpec } from "@galley/spec";

/** A terminal's size in characters; 0 leaves it unset. */
export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

/** The size that was asked for, else the specification's (OCI runtime spec, config.md, "Process", `consoleSize`). */
export function terminalSize({ consoleSize }: ProcessSpec, asked: TerminalSize | undefined): Partial<TerminalSize> {
  return asked ?? (consoleSize ? { rows: consoleSize.height, columns: consoleSize.width } : {});
}
