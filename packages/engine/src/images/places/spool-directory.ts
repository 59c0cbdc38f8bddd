import { mkdir } from "node:fs/promises";
import type { Engine } from "../../engine.ts";

/** Where nameless files of work in progress are: on the disk of the store, since temporary directories are often memory. */
export async function makeSpoolDirectory({ storage }: Engine): Promise<string> {
  const hostPath = `${storage.directory}/content/staging`;
  await mkdir(hostPath, { recursive: true, mode: 0o700 });
  return hostPath;
}
