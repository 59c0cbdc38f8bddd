import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openCidFile } from "./cidfile.ts";

describe("openCidFile()", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "galley-cli-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("openCidFile() writes the id", () => {
    const path = join(folder, "cid");
    {
      using file = openCidFile(path);
      file?.write("abc");
    }
    expect(readFileSync(path, "utf8")).toBe("abc");
  });

  test("openCidFile() removes its file when no container came of it", () => {
    const path = join(folder, "cid");
    {
      using _file = openCidFile(path);
      expect(existsSync(path)).toBe(true);
    }
    expect(existsSync(path)).toBe(false);
  });

  test("openCidFile() refuses a file that exists, of a command at the same time too", () => {
    using file = openCidFile(join(folder, "cid"));
    expect(() => openCidFile(join(folder, "cid"))).toThrow("container id file exists");
    file?.write("x");
  });

  test("openCidFile() tells why a file cannot be made", () =>
    expect(() => openCidFile(join(folder, "no/cid"))).toThrow("ENOENT"));
  test("openCidFile() does nothing without a path", () => expect(openCidFile(undefined)).toBeUndefined());
});
