import { partName, skippedText, type TransferDisplay, wasThere } from "./transfer-display.ts";

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
      if (progress.kind === "manifest") return;
      once("Getting image source signatures");
      once(`Copying ${partName(progress)} ${progress.digest}`, wasThere(progress) ? ` ${skippedText(progress)}` : "");
    },
    finish() {
      if (told.size > 0) once("Writing manifest to image destination");
    },
    close() {},
  };
}
