import { partName, skippedText, type TransferDisplay, wasThere } from "./transfer-display.ts";

/** What podman says nothing of. */
const silent: readonly string[] = ["compressing", "compressed"];

/** One line for each part of an image when its turn comes, in podman's words; for logs and pipes. */
export function plainDisplay(print: (line: string) => void): TransferDisplay {
  const told = new Set<string>();
  const once = (line: string, more = ""): void => {
    if (told.has(line)) return;
    told.add(line);
    print(line + more);
  };
  return {
    show(progress) {
      if (progress.kind === "manifest" || silent.includes(progress.state)) return;
      once("Getting image source signatures");
      once(`Copying ${partName(progress)} ${progress.digest}`, wasThere(progress) ? ` ${skippedText(progress)}` : "");
    },
    finish() {
      if (told.size > 0) once("Writing manifest to image destination");
    },
    close() {},
  };
}
