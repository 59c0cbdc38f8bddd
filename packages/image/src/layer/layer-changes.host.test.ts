import { execFileSync } from "node:child_process";
import { createReadStream } from "node:fs";
import { link, mkdir, mkdtemp, open, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createLayer } from "../make/create-layer.ts";
import { modelTree } from "../testing/model-tree.ts";
import { collect, flatten } from "../testing/streams.ts";
import { layerChanges } from "./layer-changes.ts";

const reason = missing();

function missing(): string {
  try {
    return /GNU tar/.test(execFileSync("tar", ["--version"], { encoding: "utf8" })) ? "" : "tar is not GNU tar";
  } catch {
    return "there is no tar";
  }
}

describe.skipIf(reason)(`layerChanges() and GNU tar${reason && ` (skipped: ${reason})`}`, () => {
  let directory = "";
  const long = "l".repeat(180);
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "galley-tar-"));
    const tree = join(directory, "tree");
    await mkdir(join(tree, long, long), { recursive: true });
    await writeFile(join(tree, long, long, "ünï"), "deep");
    await writeFile(join(tree, "plain"), Buffer.alloc(100_000, "abc"));
    await link(join(tree, "plain"), join(tree, "linked"));
    await symlink(`../${long}`, join(tree, "symbolic"));
    const sparse = await open(join(tree, "sparse"), "w");
    for (let piece = 0; piece < 12; piece += 1) await sparse.write(`piece ${piece}`, 65_536 * (3 * piece + 1));
    await sparse.truncate(65_536 * 50);
    await sparse.close();
    const empty = await open(join(tree, "hole"), "w");
    await empty.truncate(3_000_000);
    await empty.close();
  });
  afterAll(() => rm(directory, { recursive: true }));

  const archive = (...options: string[]) => {
    const path = join(directory, "archive.tar");
    execFileSync("tar", ["-C", join(directory, "tree"), ...options, "-cf", path, "."]);
    return createReadStream(path, { highWaterMark: 10_000 }) as AsyncIterable<Uint8Array>;
  };

  const forms: string[][] = [
    ["--format=gnu"],
    ["--format=gnu", "--sparse"],
    ["--format=pax"],
    ["--format=pax", "--sparse", "--sparse-version=0.0"],
    ["--format=pax", "--sparse", "--sparse-version=0.1"],
    ["--format=pax", "--sparse", "--sparse-version=1.0"],
  ];
  test.each(forms)("read every file of %s %s %s byte for byte", async (...options) => {
    const changes = await flatten(layerChanges(archive(...options)));
    const tree = modelTree(changes);
    for (const path of ["plain", "linked", "sparse", "hole", `${long}/${long}/ünï`])
      expect(tree.get(path)?.content?.equals(await readFile(join(directory, "tree", path))), path).toBe(true);
    expect(tree.get("symbolic")).toMatchObject({ type: "symlink", target: `../${long}` });
    expect(tree.get("")).toMatchObject({ type: "directory" });
    if (options.includes("--sparse")) expect(changes.some(({ type }) => type === "hole")).toBe(true);
  });

  test("understand each other the other way round", async () => {
    const entries = [
      { path: long, type: "directory" as const, mode: 0o750 },
      {
        path: `${long}/${long}`,
        type: "file" as const,
        content: "hello",
        seconds: 1_000_000_000,
        nanoseconds: 5,
        uid: 3_000_000,
      },
      { path: "s", type: "symlink" as const, target: `${long}/${long}` },
    ];
    await writeFile(join(directory, "ours.tar"), await collect(createLayer(entries)));
    const listing = execFileSync("tar", ["--numeric-owner", "--full-time", "-tvf", join(directory, "ours.tar")], {
      encoding: "utf8",
      env: { ...process.env, TZ: "UTC" },
    });
    expect(listing).toMatch(/drwxr-x--- 0\/0 +0 /);
    expect(listing).toMatch(new RegExp(`-rw-r--r-- 3000000/0 +5 2001-09-09 01:46:40.000000005 ${long}/${long}\n`));
    expect(listing).toContain(`s -> ${long}/${long}`);
  });
});
