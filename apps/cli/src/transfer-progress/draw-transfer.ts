import { humanSize } from "../output/human.ts";
import { paint, type Style } from "./paint.ts";
import { isMoving, type Totals, type TrackedPart } from "./track-transfers.ts";
import { partName, skippedText, wasThere } from "./transfer-display.ts";

/** What it is drawn on. */
export interface Canvas {
  readonly columns: number;
  readonly colour: boolean;
}

const widestBar = 24;
const narrowestBar = 6;
const sizeWidth = "12.3 MB / 12.3 MB".length;
const rateWidth = "12.3 MB/s".length;

/** The line of one part, never wider than the canvas. */
export function drawPart({ progress, bytesPerSecond }: TrackedPart, canvas: Canvas): string {
  const { digest, state, doneBytes, totalBytes } = progress;
  const id = digest.slice(digest.indexOf(":") + 1).slice(0, 12);
  const verb = state === "compressing" || state === "compressed" ? "Packing" : "Copying";
  const head = `${verb} ${partName(progress).padEnd("config".length)} ${id}`;
  if (wasThere(progress)) return fit([head, skippedText(progress)], ["plain", "dim"], canvas);
  if (!isMoving(progress)) return fit([head, humanSize(totalBytes), stateText(state)], stateStyles(state), canvas);
  const size = `${humanSize(doneBytes)} / ${humanSize(totalBytes)}`.padEnd(sizeWidth);
  const share = totalBytes > 0 ? doneBytes / totalBytes : 0;
  return withBar({ head, tail: [size, rate(bytesPerSecond)], share }, canvas);
}

/** The line for all parts together. */
export function drawTotals({ doneBytes, totalBytes, bytesPerSecond }: Totals, canvas: Canvas): string {
  const share = totalBytes > 0 ? Math.min(1, doneBytes / totalBytes) : 1;
  const head = `Total ${String(Math.floor(share * 100)).padStart(3)} %`.padEnd("Copying config 123456789012".length);
  const size = `${humanSize(doneBytes)} / ${humanSize(totalBytes)}`.padEnd(sizeWidth);
  return withBar({ head, tail: [size, rate(bytesPerSecond)], share }, canvas);
}

/** One line that says that there are more than fit. */
export function drawMore(count: number, canvas: Canvas): string {
  return fit([`and ${count} more`], ["dim"], canvas);
}

function withBar(line: { head: string; tail: readonly string[]; share: number }, canvas: Canvas): string {
  const tail = line.tail.filter((text) => text !== "");
  // Counted with the widest of sizes and rates, so that a bar keeps its width while they change.
  const width = Math.min(widestBar, canvas.columns - 1 - line.head.length - " [] ".length - sizeWidth - 1 - rateWidth);
  if (width < narrowestBar) return fit([line.head.trimEnd(), ...tail], ["plain"], canvas);
  return fit([line.head, bar(line.share, width), ...tail], ["plain", "bar"], canvas);
}

function bar(share: number, width: number): string {
  const filled = Math.min(width, Math.floor(share * width));
  const tip = filled > 0 && filled < width ? ">" : "";
  return `[${("=".repeat(filled - tip.length) + tip).padEnd(width)}]`;
}

function rate(bytesPerSecond: number | undefined): string {
  return bytesPerSecond === undefined ? "" : `${humanSize(bytesPerSecond)}/s`;
}

function stateText(state: TrackedPart["progress"]["state"]): string {
  if (state === "exists" || state === "uploaded" || state === "compressed") return "done";
  return state === "downloaded" ? "waiting to be unpacked" : state;
}

function stateStyles(state: TrackedPart["progress"]["state"]): readonly Style[] {
  return ["plain", "dim", stateText(state) === "done" ? "good" : "plain"];
}

/** Texts with a blank in between, cut where the canvas ends: a line that wraps could not be drawn over. */
function fit(texts: readonly string[], styles: readonly Style[], { columns, colour }: Canvas): string {
  let free = columns - 1;
  const drawn: string[] = [];
  for (const [index, text] of texts.entries()) {
    if (free <= 0) break;
    const shown = text.slice(0, free);
    free -= shown.length + 1;
    drawn.push(paint(shown, styles[index] ?? "plain", colour));
  }
  return drawn.join(" ").trimEnd();
}
