import { type Canvas, drawMore, drawPart, drawTotals } from "./draw-transfer.ts";
import { type TrackedPart, trackTransfers } from "./track-transfers.ts";
import type { TransferDisplay } from "./transfer-display.ts";

/** What bars are drawn on. */
export interface BarTerminal {
  /** As they are now: terminals change their size. */
  size(): { readonly columns: number; readonly rows: number };
  write(text: string): void;
}

/** What a bar display needs. */
export interface BarDisplayOptions {
  readonly colour: boolean;
  /** A clock that does not jump, in milliseconds. */
  readonly nowMs: () => number;
  /** Calls back again and again until what it returned is called. */
  readonly every: (periodMs: number, draw: () => void) => () => void;
}

const frameMs = 100;
const hideCursor = "\u001b[?25l";
const showCursor = "\u001b[?25h";

/**
 * A line with a bar and a rate for each part on its way, and one for all together, drawn over again ten times a second. Lines of
 * what has ended stay above, like output of any program. Our own drawing: cli-progress can neither show more bars than the
 * terminal has rows, nor live through a change of its width.
 */
export function barDisplay(terminal: BarTerminal, { colour, nowMs, every }: BarDisplayOptions): TransferDisplay {
  const transfers = trackTransfers(nowMs);
  const told = new Map<string, string>();
  let drawn: readonly string[] = [];
  let stop: (() => void) | undefined;

  const draw = (last = false): void => {
    const { columns, rows } = terminal.size();
    const canvas = { columns: Math.max(columns, 2), colour };
    const parts = transfers.parts();
    const ended = parts.filter((part) => part.ended && told.get(part.progress.digest) !== part.progress.state);
    for (const { progress } of ended) told.set(progress.digest, progress.state);
    const live = parts.filter((part) => !part.ended);
    const lines = last && live.length === 0 ? [] : liveLines(live, { canvas, rows });
    if (lines.length > 0) lines.push(drawTotals(transfers.totals(), canvas));
    const text = [...ended.map((part) => drawPart(part, canvas)), ...lines].map((line) => `${line}\n`).join("");
    if (text !== "" || drawn.length > 0) terminal.write(eraser(drawn, columns) + text);
    drawn = lines;
  };

  return {
    show(progress) {
      transfers.note(progress);
      if (stop) return;
      terminal.write(hideCursor);
      stop = every(frameMs, draw);
    },
    finish: () => draw(true),
    close() {
      if (!stop) return;
      stop();
      stop = undefined;
      draw(true);
      drawn = [];
      terminal.write(showCursor);
    },
  };
}

/** As many as fit, with a row for the totals and one for the cursor. */
function liveLines(parts: readonly TrackedPart[], { canvas, rows }: { canvas: Canvas; rows: number }): string[] {
  const room = Math.max(1, rows - 2);
  const shown = parts.length > room ? parts.slice(0, room - 1) : parts;
  const lines = shown.map((part) => drawPart(part, canvas));
  return shown.length < parts.length ? [...lines, drawMore(parts.length - shown.length, canvas)] : lines;
}

/** Goes back to where the last frame began. Its lines may have become several rows of a terminal that is narrower now. */
function eraser(lines: readonly string[], columns: number): string {
  const rows = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(plainLength(line) / Math.max(columns, 1))), 0);
  return rows > 0 ? `\u001b[${rows}A\r\u001b[J` : "";
}

function plainLength(line: string): number {
  return line.replaceAll(/\u001b\[[0-9]*m/g, "").length;
}
