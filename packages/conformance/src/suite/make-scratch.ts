import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory that cannot grow: what does not stop at a bomb gets "no space left", and the host keeps its memory. */
export interface Scratch extends Disposable {
  readonly hostPath: string;
}

/**
 * Mounts a small file system in memory, with extended attributes, for `archiveSuite`. Needs root and mount(8).
 *
 * @example
 * using scratch = makeScratch({ sizeBytes: 2 ** 30 });
 * for await (const verdict of archiveSuite(extractor, { scratchPath: scratch.hostPath })) console.log(verdict);
 */
export function makeScratch({ sizeBytes }: { readonly sizeBytes: number }): Scratch {
  const mountPath = mkdtempSync(join(tmpdir(), "galley-archives-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${sizeBytes},mode=700`, "tmpfs", mountPath]);
  // Deeper, so that a climb of a few levels stays in here, too.
  const hostPath = join(mountPath, "a/b/c/scratch");
  mkdirSync(hostPath, { recursive: true });
  return {
    hostPath,
    [Symbol.dispose]: () => {
      execFileSync("umount", ["--lazy", mountPath]);
      rmdirSync(mountPath);
    },
  };
}
