import type { Engine } from "../../engine.ts";
import { makeSpoolDirectory } from "./spool-directory.ts";

/** Opens an archive at a host path or from a stream. Dispose of it. */
export async function openAnyArchive(
  engine: Engine,
  from: string | AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<import("@galley/image/node").OpenedArchive> {
  const { openArchiveAt, openArchiveStream } = await import("@galley/image/node");
  const options = { spoolPath: await makeSpoolDirectory(engine), ...(signal ? { signal } : {}) };
  return typeof from === "string" ? openArchiveAt(from, options) : openArchiveStream(from, options);
}
