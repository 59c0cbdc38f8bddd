import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { forgeLayout } from "../forge/forge-layout.ts";
import type { Extractor } from "../suite/archive-suite.ts";

/** umoci, which unpacks the layers of an image layout. */
export const umoci: Extractor = {
  whiteouts: "applied",
  extract: async (archive, hostPath) => {
    const layer = await whole(archive);
    const work = mkdtempSync(join(tmpdir(), "galley-umoci-"));
    try {
      const mediaType = "application/vnd.oci.image.layer.v1.tar";
      forgeLayout(join(work, "layout"), [{ blob: layer, archive: layer, mediaType }]);
      const image = ["--image", `${work}/layout:latest`];
      await promisify(execFile)("umoci", ["raw", "unpack", ...image, hostPath], { cwd: hostPath });
    } finally {
      rmSync(work, { recursive: true });
    }
  },
};

async function whole(archive: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Whether umoci is installed. */
export function hasUmoci(): boolean {
  try {
    execFileSync("umoci", ["--version"]);
    return true;
  } catch {
    return false;
  }
}
