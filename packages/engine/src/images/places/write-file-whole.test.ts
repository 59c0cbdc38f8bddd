import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { scratchFolder } from "../../testing/scratch-folder.ts";
import { writeFileWhole } from "./write-file-whole.ts";

const bytes = randomBytes(5_000_001);

async function* inPieces(pieceBytes: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

describe("writeFileWhole()", () => {
  test.each([1000, 300_000, 2_000_000, 10_000_000])(
    "writeFileWhole() writes pieces of %i bytes",
    async (pieceBytes) => {
      const path = join(await scratchFolder(), "file");
      await writeFileWhole(path, inPieces(pieceBytes));
      expect(Buffer.compare(await readFile(path), bytes)).toBe(0);
    },
  );

  test("writeFileWhole() replaces a file only when the new one is whole", async () => {
    const folder = await scratchFolder();
    const path = join(folder, "file");
    await writeFile(path, "old");
    const broken = async function* () {
      yield* inPieces(1_500_000);
      throw new RangeError("the line is cut");
    };
    await expect(writeFileWhole(path, broken())).rejects.toThrow(`write ${path}: the line is cut`);
    expect(await readFile(path, "utf8")).toBe("old");
    const stop = new AbortController();
    const stopping = async function* () {
      yield* inPieces(1_500_000);
      stop.abort();
      yield* inPieces(1_500_000);
    };
    await expect(writeFileWhole(path, stopping(), stop.signal)).rejects.toMatchObject({ kind: "cancelled" });
    expect(await readdir(folder)).toEqual(["file"]);
  });

  test("writeFileWhole() writes into pipes as they are", async () => {
    const path = join(await scratchFolder(), "pipe");
    execFileSync("mkfifo", [path]);
    const reader = spawn("wc", ["-c", path]);
    const counted = new Promise((resolve) => reader.stdout.once("data", resolve));
    await writeFileWhole(path, inPieces(100_000));
    expect(String(await counted)).toMatch(/^5000001 /);
  });

  test("writeFileWhole() says what it could not do", async () => {
    const folder = await scratchFolder();
    const beneath = join(folder, "file", "below");
    await writeFile(join(folder, "file"), "");
    await expect(writeFileWhole(beneath, inPieces(1000))).rejects.toMatchObject({ kind: "invalid" });
    await chmod(folder, 0o755);
    await expect(writeFileWhole(join(folder, "no", "such"), inPieces(1000))).rejects.toMatchObject({
      kind: "not-found",
    });
  });
});
