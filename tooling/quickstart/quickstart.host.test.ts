import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const run = promisify(execFile);
const unbuilt = !existsSync(join(import.meta.dirname, "../../apps/cli/dist"));

describe.skipIf(unbuilt)(`quickstart${unbuilt ? " (needs a build: npm run build)" : ""}`, () => {
  test("quickstart does the main job and leaves nothing behind", async () => {
    const script = join(import.meta.dirname, "quickstart.ts");
    const { stdout } = await run(process.execPath, ["--conditions=@galley/source", script]);
    expect(stdout).toContain(process.getuid?.() === 0 ? "Hello from a container." : "Not root");
    expect(stdout).toContain("Nothing is left mounted or running.");
  });
});
