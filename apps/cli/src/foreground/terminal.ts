import { spawnSync } from "node:child_process";

/** A terminal's size in characters. */
export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

/** The size of our terminal, undefined when standard output is none or does not tell. */
export function terminalSize(): TerminalSize | undefined {
  if (!process.stdout.isTTY) return undefined;
  const [columns, rows] = process.stdout.getWindowSize();
  return rows > 0 && columns > 0 ? { rows, columns } : undefined;
}

/**
 * Hands keys on as they are typed, control-C too, until the returned function is called. Node itself restores a terminal when the
 * process exits, also by an uncaught error.
 */
export function rawInput(): () => void {
  if (!process.stdin.isTTY) return () => {};
  process.stdin.setRawMode(true);
  // Node's raw mode leaves OPOST on, termios(3): the terminal would add a carriage return to each line feed, where the container's own
  // terminal has done so, and where full-screen programs mean "down". Without stty(1) that is how it stays.
  spawnSync("stty", ["-opost"], { stdio: ["inherit", "ignore", "ignore"] });
  return () => void process.stdin.setRawMode(false);
}
