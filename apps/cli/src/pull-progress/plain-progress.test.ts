import type { PullProgress } from "@galley/engine";
import { expect, test } from "vitest";
import { plainProgress } from "./plain-progress.ts";

const part = (kind: PullProgress["kind"], digest: string, state: PullProgress["state"]): PullProgress => ({
  kind,
  digest,
  state,
  doneBytes: 0,
  totalBytes: 1,
});

test("plainProgress() tells of each part once, in podman's words", () => {
  const lines: string[] = [];
  const display = plainProgress((line) => lines.push(line));
  for (const state of ["downloading", "downloading", "downloaded", "unpacking", "done"] as const)
    display.show(part("layer", "sha256:a", state));
  display.show(part("layer", "sha256:b", "exists"));
  display.show(part("layer", "sha256:b", "done"));
  display.show(part("config", "sha256:c", "exists"));
  display.show(part("manifest", "sha256:d", "done"));
  display.finish();
  display.close();
  expect(lines).toEqual([
    "Getting image source signatures",
    "Copying blob sha256:a",
    "Copying blob sha256:b skipped: already exists",
    "Copying config sha256:c",
    "Writing manifest to image destination",
  ]);
});
