import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { hostStatus, makeHostDirectory, removeHostPath, writeHostFile } from "./host-files.ts";
import { systemError } from "./system-error.ts";
import { scratchEngine } from "./testing/scratch-engine.ts";

describe("host files", () => {
  test("makeHostDirectory() makes those above too, and may be called again", async () => {
    const { places } = await scratchEngine();
    makeHostDirectory(`${places.root}/a/b`);
    makeHostDirectory(`${places.root}/a/b`);
    expect(hostStatus(`${places.root}/a/b`)?.isDirectory()).toBe(true);
  });

  test("writeHostFile() replaces what was there", async () => {
    const { places } = await scratchEngine();
    makeHostDirectory(places.root);
    writeHostFile(`${places.root}/f`, "longer than");
    writeHostFile(`${places.root}/f`, "this");
    expect(readFileSync(`${places.root}/f`, "utf8")).toBe("this");
  });

  test("removeHostPath() does not mind what is not there", async () => {
    const { places } = await scratchEngine();
    mkdirSync(`${places.root}/d/e`, { recursive: true });
    removeHostPath(`${places.root}/d`);
    removeHostPath(`${places.root}/d`);
    expect(hostStatus(`${places.root}/d`)).toBeUndefined();
  });

  test("makeHostDirectory() says what it was doing when a file is in the way", async () => {
    const { places } = await scratchEngine();
    mkdirSync(places.root);
    writeFileSync(`${places.root}/file`, "");
    const make = (): void => makeHostDirectory(`${places.root}/file/inside`);
    expect(make).toThrow(
      expect.objectContaining({ kind: "invalid", message: expect.stringContaining("make directory") }),
    );
  });
});

describe("systemError()", () => {
  test.each([
    ["ENOSPC", "unavailable", "engine.full"],
    ["EDQUOT", "unavailable", "engine.full"],
    ["EROFS", "unavailable", "engine.read-only"],
    ["EACCES", "forbidden", "engine.forbidden"],
    ["ENOENT", "not-found", "engine.no-such-file"],
  ])("systemError() makes %s a Galley error", (code, kind, expected) => {
    const error = systemError("write /f", Object.assign(new Error(`${code}: no, open '/f'`), { code }));
    expect(error).toMatchObject({ kind, code: expected, message: `write /f: ${code}: no` });
  });

  test("systemError() takes what it does not know for internal", () => {
    expect(systemError("write /f", new Error("odd"))).toMatchObject({ kind: "internal" });
  });
});
