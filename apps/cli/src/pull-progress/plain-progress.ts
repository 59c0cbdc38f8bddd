import { type ProgressDisplay, partName, wasThere } from "./progress-display.ts";

/** One line for each part of an image when its turn comes, in podman's words; for logs and pipes. */
export function plainProgress(print: (line: string) => void): ProgressDisplay {
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
      once(`Copying ${partName(progress)} ${progress.digest}`, wasThere(progress) ? " skipped: already exists" : "");
    },
    finish() {
      once("Writing manifest to image destination");
    },
    close() {},
  };
}
