import { isatty } from "node:tty";
import { printError } from "../output/print.ts";
import { jsonDisplay } from "./json-display.ts";
import { mayUseColour } from "./paint.ts";
import { plainDisplay } from "./plain-display.ts";
import type { ProgressChoice } from "./progress-flags.ts";
import type { TransferDisplay } from "./transfer-display.ts";

const silent: TransferDisplay = { show() {}, finish() {}, close() {} };

/** The display that was asked for, on standard error. `auto` draws bars where they can be drawn over. */
export async function openDisplay(choice: ProgressChoice): Promise<TransferDisplay> {
  if (choice === "none") return silent;
  if (choice === "json") return jsonDisplay({ print: printError, nowMs: monotonicMs });
  const bars = choice === "bar" || (choice === "auto" && isatty(2) && process.env["TERM"] !== "dumb");
  if (!bars) return plainDisplay(printError);
  const { barDisplay } = await import("./bar-display.ts");
  const { stderr } = process;
  return barDisplay(
    {
      size: () => ({ columns: stderr.columns || 80, rows: stderr.rows || 24 }),
      write: (text) => void stderr.write(text),
    },
    { colour: mayUseColour(process.env), nowMs: monotonicMs, every: repeat },
  );
}

function monotonicMs(): number {
  return performance.now();
}

function repeat(periodMs: number, draw: () => void): () => void {
  const timer = setInterval(draw, periodMs);
  return () => clearInterval(timer);
}
