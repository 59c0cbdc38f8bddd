import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A directory of a test's own, gone afterwards. */
export async function scratch(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "galley-storage-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
