import type { PullProgress } from "@galley/engine";
import { MultiBar, Presets, type SingleBar } from "cli-progress";
import { humanSize } from "../output/human.ts";
import { type ProgressDisplay, partName, wasThere } from "./progress-display.ts";

const barWidth = 20;

/** One bar for each layer, on a terminal. */
export function barProgress(terminal: NodeJS.WriteStream): ProgressDisplay {
  const bars = new Map<string, SingleBar>();
  const multi = new MultiBar(
    {
      stream: terminal,
      format: "Copying {part} {id} [{bar}] {size} {state}",
      barsize: barWidth,
      hideCursor: true,
      clearOnComplete: false,
      autopadding: false,
      fps: 10,
      emptyOnZero: true,
      // The cursor comes back with close(), which runs on every way out; cli-progress's own handler would end the pull unclean.
      gracefulExit: false,
    },
    Presets.legacy,
  );
  return {
    show(progress) {
      if (progress.kind === "manifest") return;
      const payload = payloadOf(progress);
      const bar = bars.get(progress.digest) ?? multi.create(Math.max(progress.totalBytes, 1), 0, payload);
      bars.set(progress.digest, bar);
      bar.update(isWhole(progress) ? Math.max(progress.totalBytes, 1) : progress.doneBytes, payload);
    },
    finish() {},
    close: () => multi.stop(),
  };
}

/** While a layer is unpacked its download is complete. */
function isWhole({ state }: PullProgress): boolean {
  return state !== "downloading";
}

function stateText(progress: PullProgress): string {
  if (wasThere(progress)) return "skipped: already exists";
  if (progress.state === "exists") return "done";
  return progress.state === "downloading" ? "" : progress.state;
}

function payloadOf(progress: PullProgress): object {
  const { digest, doneBytes, totalBytes } = progress;
  const done = isWhole(progress) ? totalBytes : doneBytes;
  const id = digest.slice(digest.indexOf(":") + 1).slice(0, 12);
  return {
    part: partName(progress),
    id,
    size: `${humanSize(done)} / ${humanSize(totalBytes)}`,
    state: stateText(progress),
  };
}
