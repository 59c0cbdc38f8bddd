import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lane, slot, stepper } from "@galley/plan";
import { isGalleyError } from "@galley/spec";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { perform } from "./perform.ts";
import { stagePath } from "./stage-path.ts";

const step = stepper("test");
const [tree, spool] = [slot("tree"), slot("spool")];
const problem = (() => {
  try {
    return stagePath() ? "" : "";
  } catch {
    return "the program stage is not built";
  }
})();

describe.skipIf(problem)(`rename out of another directory${problem && ` (skipped: ${problem})`}`, () => {
  let base = "";
  const at = (path: string) => join(base, path);
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), "galley-rename-"));
    for (const path of ["tree/d", "spool", "outside"]) mkdirSync(at(path), { recursive: true });
    writeFileSync(at("spool/0"), "content");
  });
  afterEach(() => rmSync(base, { recursive: true }));

  const bring = async (path: string, to: string, flags: readonly "replace"[] = []): Promise<string> => {
    const open = (path: string, out: typeof tree) =>
      step("open", { path: at(path), flags: ["read", "directory"], out }, `open ${path}`);
    const steps = [
      open("tree", tree),
      open("spool", spool),
      step("rename", { at: tree, path, to, from: spool, flags }, "bring it"),
    ];
    try {
      await perform({ title: "bring", lane: lane("host", steps) }).ended;
      return "";
    } catch (error) {
      return isGalleyError(error) ? String(error.details["errno"]) : String(error);
    }
  };

  test("rename brings a name of another directory beneath the slot", async () => {
    expect(await bring("0", "d/f")).toBe("");
    expect([readFileSync(at("tree/d/f"), "utf8"), existsSync(at("spool/0"))]).toEqual(["content", false]);
  });

  test("rename replaces what bears the name only when told, whatever it is", async () => {
    mkdirSync(at("tree/full/inside"), { recursive: true });
    expect(await bring("0", "full")).toBe("EEXIST");
    expect(await bring("0", "full", ["replace"])).toBe("");
    expect(readFileSync(at("tree/full"), "utf8")).toBe("content");
  });

  test("rename stays beneath the slot, and replaces a link instead of following it", async () => {
    symlinkSync("../outside", at("tree/up"));
    symlinkSync(at("outside"), at("tree/away"));
    expect(await bring("0", "up/f")).toBe("ENOENT");
    expect(await bring("0", "../outside/f")).toBe("ENOENT");
    expect(await bring("0", "away", ["replace"])).toBe("");
    expect([readFileSync(at("tree/away"), "utf8"), existsSync(at("outside/f"))]).toEqual(["content", false]);
  });

  test.each(["", ".", "..", "a/b", "/etc/passwd"])("rename takes no name like %j", async (path) => {
    expect(await bring(path, "f")).toBe("EINVAL");
  });

  test("rename takes no flags without another directory", async () => {
    const open = step("open", { path: at("spool"), flags: ["read", "directory"], out: tree }, "open");
    const rename = step("rename", { at: tree, path: "0", to: "1", flags: ["replace"] }, "rename");
    await expect(perform({ title: "x", lane: lane("host", [open, rename]) }).ended).rejects.toThrow(/EINVAL/);
  });
});
