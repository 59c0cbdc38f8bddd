import type { TransferProgress } from "@galley/engine";
import { expect, test } from "vitest";
import { plainDisplay } from "./plain-display.ts";

const part = (kind: TransferProgress["kind"], digest: string, state: TransferProgress["state"]): TransferProgress => ({
  kind,
  digest,
  state,
  doneBytes: 0,
  totalBytes: 1,
});

test("plainDisplay() tells of each part once, in podman's words", () => {
  const lines: string[] = [];
  const display = plainDisplay((line) => lines.push(line));
  for (const state of ["downloading", "downloading", "downloaded", "unpacking", "done"] as const)
    display.show(part("layer", "sha256:a", state));
  display.show(part("layer", "sha256:b", "exists"));
  display.show(part("layer", "sha256:b", "done"));
  display.show(part("layer", "sha256:e", "mounted"));
  display.show(part("config", "sha256:c", "exists"));
  display.show(part("manifest", "sha256:d", "done"));
  display.finish();
  display.close();
  expect(lines).toEqual([
    "Getting image source signatures",
    "Copying blob sha256:a",
    "Copying blob sha256:b skipped: already exists",
    "Copying blob sha256:e mounted from another repository",
    "Copying config sha256:c",
    "Writing manifest to image destination",
  ]);
});
