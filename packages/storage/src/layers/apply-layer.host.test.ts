import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLayer, type LayerEntry, layerSteps } from "@galley/image";
import type { Perform } from "@galley/plan";
import { isGalleyError } from "@galley/spec";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { performProblem } from "../testing/real-perform.ts";
import { removeTrees } from "../trees/remove-trees.ts";
import { applyLayer } from "./apply-layer.ts";

const reason = performProblem();
/** In memory where possible: syncfs(2) on a disk also waits for what everybody else has written. */
const memory = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** All that can be told of a tree, one line per name. */
function describeTree(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .sort()
    .map((name) => {
      const stat = lstatSync(join(directory, name));
      const { mode, uid, gid, mtimeMs, size, nlink, rdev } = stat;
      const content = stat.isFile() ? readFileSync(join(directory, name)).toString("latin1") : "";
      const target = stat.isSymbolicLink() ? readlinkSync(join(directory, name)) : "";
      return [
        name,
        mode.toString(8),
        uid,
        gid,
        mtimeMs,
        stat.isDirectory() ? "" : size,
        nlink,
        rdev,
        content,
        target,
      ].join(" ");
    });
}

describe.skipIf(reason)(`applyLayer() with the real stage${reason && ` (skipped: ${reason})`}`, () => {
  let perform: Perform;
  let base = "";
  let root = "";
  let canary = "";
  let canaryBefore: string[] = [];
  beforeAll(async () => {
    ({ perform } = await import("@galley/stage"));
  });
  beforeEach(() => {
    base = mkdtempSync(join(memory, "galley-apply-"));
    root = join(base, "store/tree");
    canary = join(base, "canary");
    mkdirSync(root, { recursive: true });
    mkdirSync(join(canary, "directory"), { recursive: true });
    writeFileSync(join(canary, "victim"), "untouched", { mode: 0o640 });
    writeFileSync(join(canary, "setuid"), "x");
    chmodSync(join(canary, "setuid"), 0o4755);
    symlinkSync("victim", join(canary, "link"));
    canaryBefore = describeTree(canary);
  });
  afterEach(async () => {
    expect(describeTree(canary), "the canary is untouched").toEqual(canaryBefore);
    expect(readdirSync(join(base, "store")), "nothing beside the tree").toEqual(["tree"]);
    await removeTrees(join(base, "store"), ["tree"], { perform });
    expect(readdirSync(join(base, "store"))).toEqual([]);
    rmSync(base, { recursive: true });
  });

  const apply = (entries: LayerEntry[]) =>
    applyLayer(root, (slot) => layerSteps(createLayer(entries), { root: slot }), { perform });
  const outcome = (entries: LayerEntry[]) =>
    apply(entries).then(
      () => "applied",
      (error: unknown) => (isGalleyError(error) ? error.message : `not ours: ${error}`),
    );
  const file = (path: string, content = "new"): LayerEntry => ({ path, type: "file", content });
  const symlink = (path: string, target: string): LayerEntry => ({ path, type: "symlink", target });
  const directory = (path: string): LayerEntry => ({ path, type: "directory" });
  const link = (path: string, target: string): LayerEntry => ({ path, type: "link", target });

  describe("keeps hostile archives inside:", () => {
    test("files through absolute and relative symbolic links", async () => {
      for (const target of [canary, "../../canary", "/../../canary", `/${"../".repeat(40)}${canary}`])
        expect(
          await outcome([symlink("x", target), file("x/victim"), directory("x/directory"), file("x/made")]),
        ).not.toMatch(/not ours/);
    });

    test("chains of links, 1 to 40 long, up and out", async () => {
      for (const depth of [1, 2, 5, 20, 39, 40]) {
        const chain = Array.from({ length: depth }, (_, index) =>
          symlink(`l${index}`, index === 0 ? "../.." : `l${index - 1}`),
        );
        expect(await outcome([...chain, file(`l${depth - 1}/canary/victim`)])).not.toMatch(/not ours/);
        const nested = Array.from({ length: depth }, (_, index) => symlink(`${"d/".repeat(index)}up`, ".."));
        expect(await outcome([directory("d".repeat(1)), ...nested, file(`up/up/up/canary/victim`)])).not.toMatch(
          /not ours/,
        );
      }
    });

    test("a two-hop chain: a to b, b to ..", async () => {
      expect(await outcome([symlink("a", "b"), symlink("b", ".."), file("a/victim"), file("a/canary/victim")])).toBe(
        "applied",
      );
      expect(readFileSync(join(root, "victim"), "utf8")).toBe("new");
    });

    test("hard links to outside, by name and through links", async () => {
      expect(await outcome([link("h", "../../canary/victim")])).toContain("outside of its root");
      expect(await outcome([link("h", join(canary, "victim")), file("h")])).toMatch(/ENOENT/);
      expect(await outcome([symlink("s", canary), link("h", "s/victim"), file("h")])).toMatch(/ENOENT/);
      expect(await outcome([symlink("s", join(canary, "victim")), link("h", "s"), { ...file("h"), mode: 0o777 }])).toBe(
        "applied",
      );
    });

    test("attributes and extended attributes on a name that is a link", async () => {
      const changed = { mode: 0o4777, uid: 1234, seconds: 5, xattrs: { "user.a": "b", "trusted.a": "b" } };
      const victim = join(canary, "victim");
      expect(await outcome([symlink("s", victim), { ...directory("s"), ...changed }])).toBe("applied");
      expect(lstatSync(join(root, "s")).isDirectory()).toBe(true);
      expect(
        await outcome([
          symlink("t", victim),
          { path: "t", type: "symlink", target: victim, ...changed, xattrs: { "trusted.a": "b" } },
        ]),
      ).toBe("applied");
      expect(await outcome([symlink("u", victim), { ...file("u", ""), ...changed }])).toBe("applied");
      expect(await outcome([symlink("v", victim), { path: "v", type: "fifo", ...changed, xattrs: {} }])).toBe(
        "applied",
      );
    });

    test("whiteouts and opaque marks through links", async () => {
      expect(await outcome([symlink("s", canary), file("s/.wh.victim"), file("s/.wh..wh..opq")])).not.toMatch(
        /not ours/,
      );
    });

    test("directory times set at the end through a link that took a parent's place", async () => {
      expect(
        await outcome([
          directory("a"),
          { ...directory("a/directory"), seconds: 1 },
          symlink("b", "a"),
          symlink("a", canary),
        ]),
      ).toBe("applied");
      expect(
        await outcome([
          directory("p"),
          { ...directory("p/directory"), seconds: 1 },
          directory("q"),
          symlink("q/l", "../p"),
          symlink("q/l/directory", canary),
        ]),
      ).not.toMatch(/not ours/);
    });

    test("links through /proc", async () => {
      for (const target of ["/proc/self/root", "/proc/self/cwd", "/proc/1/root"])
        expect(await outcome([symlink("p", target), file(`p${canary}/victim`)])).not.toMatch(/not ours/);
    });
  });

  describe("makes benign archives exactly:", () => {
    test("content, modes, owners, times, links, devices and capabilities", async () => {
      const capability = Uint8Array.of(1, 0, 0, 2, 0x80, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
      const times = { seconds: 1_700_000_000, nanoseconds: 250_000_000 };
      await apply([
        { path: "./", type: "directory", mode: 0o711, ...times },
        { path: "d", type: "directory", mode: 0o1777, uid: 3, gid: 4, ...times },
        {
          ...file("d/f", "x".repeat(700_000)),
          mode: 0o4755,
          uid: 100_000,
          gid: 7,
          ...times,
          xattrs: { "security.capability": capability, "trusted.note": "t" },
        },
        link("d/h", "/d/f"),
        { ...symlink("d/s", "/etc/none"), uid: 5, ...times },
        { path: "null", type: "character", major: 1, minor: 3, mode: 0o666, ...times },
        { path: "sda", type: "block", major: 8, minor: 1, ...times },
        { path: "pipe", type: "fifo", mode: 0o600, ...times },
        { ...file("empty", ""), ...times },
        file("missing/parents/made"),
      ]);
      const stat = (path: string) => lstatSync(join(root, path));
      expect(stat("")).toMatchObject({ mode: 0o40711, mtimeMs: 1_700_000_000_250 });
      expect(stat("d")).toMatchObject({ mode: 0o41777, uid: 3, gid: 4, mtimeMs: 1_700_000_000_250 });
      expect(stat("d/f")).toMatchObject({
        mode: 0o104755,
        uid: 100_000,
        gid: 7,
        size: 700_000,
        nlink: 2,
        mtimeMs: 1_700_000_000_250,
      });
      expect(stat("d/h").ino).toBe(stat("d/f").ino);
      expect(stat("d/s")).toMatchObject({ uid: 5, mtimeMs: 1_700_000_000_250 });
      expect(stat("null")).toMatchObject({ mode: 0o20666, rdev: (1 << 8) | 3 });
      expect(stat("sda")).toMatchObject({ mode: 0o60644, rdev: (8 << 8) | 1 });
      expect(stat("pipe").isFIFO()).toBe(true);
      expect(stat("missing/parents")).toMatchObject({ mode: 0o40755, uid: 0, gid: 0 });
      const dump = execFileSync("getfattr", ["-d", "-m", "-", "-e", "hex", join(root, "d/f")], { encoding: "utf8" });
      expect(dump).toContain(`security.capability=0x${Buffer.from(capability).toString("hex")}`);
      expect(dump).toContain(`trusted.note=0x${Buffer.from("t").toString("hex")}`);
    });

    test("names that come again as something else", async () => {
      await apply([
        ...["a", "b", "c"].flatMap((name) => [directory(name), file(`${name}/in`)]),
        file("a", "file now"),
        symlink("b", "c"),
        { ...directory("c"), mode: 0o700 },
        file("d"),
        directory("d"),
        file("d/in"),
        symlink("e", "c"),
        directory("e"),
        file("e/in", "own"),
        file("f", "one"),
        file("f", "two"),
      ]);
      expect(readFileSync(join(root, "a"), "utf8")).toBe("file now");
      expect(readlinkSync(join(root, "b"))).toBe("c");
      expect(readdirSync(join(root, "c"))).toEqual(["in"]);
      expect(lstatSync(join(root, "c")).mode & 0o777).toBe(0o700);
      expect(readFileSync(join(root, "e/in"), "utf8")).toBe("own");
      expect(readFileSync(join(root, "f"), "utf8")).toBe("two");
    });

    test("entries through absolute links within the image, as some systems have /etc", async () => {
      await apply([
        directory("system"),
        directory("system/etc"),
        symlink("etc", "/system/etc"),
        file("etc/passwd", "root"),
      ]);
      expect(readFileSync(join(root, "system/etc/passwd"), "utf8")).toBe("root");
    });

    test("40,000 entries in one directory, and 100,000 opaque marks of one directory, in seconds", {
      timeout: 60_000,
    }, async () => {
      const start = performance.now();
      await apply([directory("many"), ...Array.from({ length: 40_000 }, (_, index) => file(`many/${index}`, "x"))]);
      expect(readdirSync(join(root, "many"))).toHaveLength(40_000);
      const middle = performance.now();
      await apply(Array.from({ length: 100_000 }, () => file("many/.wh..wh..opq", "")));
      expect(performance.now() - middle).toBeLessThan(Math.max(3000, 2 * (middle - start)));
    });

    test("whiteouts as overlay has them", async () => {
      await apply([file("d/.wh.gone"), directory("o"), file("o/.wh..wh..opq")]);
      expect(lstatSync(join(root, "d/gone"))).toMatchObject({ rdev: 0, mode: 0o20000 });
      expect(execFileSync("getfattr", ["-d", "-m", "-", join(root, "o")], { encoding: "utf8" })).toContain(
        'trusted.overlay.opaque="y"',
      );
    });
  });

  test("holds no more than a few batches of 1 GiB in memory", { timeout: 120_000 }, () => {
    const code = `
      import { createLayer, layerSteps } from "@galley/image";
      import { perform } from "@galley/stage";
      import { applyLayer } from "./layers/apply-layer.ts";
      const content = Buffer.alloc(4 * 1024 * 1024, "x");
      const entries = Array.from({ length: 256 }, (_, index) => ({ path: "same" + (index % 4), type: "file", content }));
      await applyLayer(process.argv[1], (root) => layerSteps(createLayer(entries), { root }), { perform });
      console.log(process.resourceUsage().maxRSS >> 10);`;
    const flags = ["--conditions=@galley/source", "--input-type=module", "-e", code, root];
    const peakMiB = Number(
      execFileSync(process.execPath, flags, { cwd: new URL("..", import.meta.url), encoding: "utf8" }),
    );
    expect(peakMiB).toBeGreaterThan(10);
    expect(peakMiB).toBeLessThan(300);
  });

  test("fails with the errno when a step fails, and when the disk is full", async () => {
    expect(await outcome([file("a"), file("a/b")])).toMatch(/ENOTDIR/);
    expect(await outcome([link("h", "nothing")])).toMatch(/ENOENT/);
  });
});
