import { statfsSync } from "node:fs";
import { dirname } from "node:path";

/** How big the file system is that holds a directory, which need not be there yet, and how much of it is taken, in bytes. */
export function diskSpace(hostPath: string): { readonly graphRootAllocated?: number; readonly graphRootUsed?: number } {
  try {
    const { blocks, bfree, bsize } = statfsSync(hostPath);
    return { graphRootAllocated: blocks * bsize, graphRootUsed: (blocks - bfree) * bsize };
  } catch {
    return dirname(hostPath) === hostPath ? {} : diskSpace(dirname(hostPath));
  }
}
