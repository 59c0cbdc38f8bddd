import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { keeperPath } from "./keeper-path.ts";

test.skipIf(process.platform !== "linux")("keeperPath() prefers the folder that GALLEY_PROGRAMS names", () => {
  const folder = mkdtempSync(join(tmpdir(), "keeper-path-"));
  writeFileSync(join(folder, "keeper"), "");
  vi.stubEnv("GALLEY_PROGRAMS", folder);
  expect(keeperPath()).toBe(join(folder, "keeper"));
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test("keeperPath() says unsupported on another system, with the command that builds it", () => {
  vi.spyOn(process, "platform", "get").mockReturnValue("darwin");
  expect(() => keeperPath()).toThrow(expect.objectContaining({ kind: "unsupported" }));
  expect(() => keeperPath()).toThrow(/build:native/);
  vi.restoreAllMocks();
});
