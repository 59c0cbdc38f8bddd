import { execFileSync } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BusyboxSetting, busyboxSetting } from "./busybox-setting.ts";
import { type GalleyHome, makeHome } from "./galley-home.ts";
import { missingForBlackBox, named } from "./galley-program.ts";

const reason = missingForBlackBox(["du"]);

/** Something that a disk or a person may do to a store, and what is to come of it. */
interface Damage {
  readonly what: string;
  readonly damage: (root: string) => void;
  /** Must find it even without reading everything. */
  readonly quick?: boolean;
  /** Whether `--repair` mends it; otherwise a pull or `--repair-lossy` does. */
  readonly mends: boolean;
}

describe.skipIf(reason !== undefined)(named("galley system", reason), () => {
  let setting: BusyboxSetting;
  beforeAll(async () => {
    setting = await busyboxSetting();
  });
  afterAll(() => setting?.[Symbol.asyncDispose]());

  async function filledHome(): Promise<GalleyHome> {
    const home = await makeHome();
    await home.ok("pull", "-q", setting.image);
    await home.ok("run", "--name", "kept", setting.image, "sh", "-c", "echo precious > /file");
    return home;
  }

  const layers = (root: string): string[] => readdirSync(join(root, "layers")).filter((name) => name.length === 64);
  const tree = (root: string, path: string): string => join(root, "layers", layers(root)[0] ?? "", "tree", path);
  const blobs = (root: string): string[] => {
    const folder = join(root, "content/blobs/sha256");
    return readdirSync(folder)
      .map((name) => join(folder, name))
      .sort((a, b) => statSync(b).size - statSync(a).size);
  };
  const flip = (path: string, at: number): void => {
    const file = openSync(path, "r+");
    writeSync(file, Buffer.from([(readFileSync(path)[at] ?? 0) ^ 1]), 0, 1, at);
    closeSync(file);
  };

  const damages: Damage[] = [
    { what: "a bit of an unpacked file", damage: (root) => flip(tree(root, "bin/busybox"), 5000), mends: true },
    {
      what: "the mode of an unpacked file",
      damage: (root) => execFileSync("chmod", ["700", tree(root, "bin/busybox")]),
      mends: true,
    },
    { what: "an unpacked file that is gone", damage: (root) => rmSync(tree(root, "bin/busybox")), mends: true },
    { what: "an unpacked file too many", damage: (root) => writeFileSync(tree(root, "bin/extra"), ""), mends: true },
    {
      what: "a layer that is gone",
      damage: (root) => rmSync(join(root, "layers", layers(root)[0] ?? ""), { recursive: true }),
      quick: true,
      mends: true,
    },
    {
      what: "a layer whose record is empty",
      damage: (root) => truncateSync(join(root, "layers", layers(root)[0] ?? "", "record.json")),
      quick: true,
      mends: true,
    },
    { what: "a bit of a blob", damage: (root) => flip(blobs(root)[0] ?? "", 3000), mends: false },
    { what: "an empty blob", damage: (root) => truncateSync(blobs(root)[0] ?? ""), quick: false, mends: false },
    { what: "a blob that is gone", damage: (root) => rmSync(blobs(root)[0] ?? ""), quick: true, mends: false },
    {
      what: "the database's first page",
      damage: (root) => writeFileSync(join(root, "galley.db"), Buffer.alloc(4096), { flag: "r+" }),
      quick: true,
      mends: true,
    },
    {
      what: "a database that was cut off",
      damage: (root) => truncateSync(join(root, "galley.db"), 6000),
      quick: true,
      mends: true,
    },
  ];

  test.each(damages)(
    "galley system check finds $what, and what it mends works again",
    async ({ damage, quick, mends }) => {
      await using home = await filledHome();
      expect(await home.ok("system", "check")).toBe("");
      settle(home);
      damage(home.root);
      if (quick) expect((await home.run(["system", "check", "--quick"])).code).toBe(1);
      expect((await home.run(["system", "check"])).code).toBe(1);
      const repaired = await home.run(["system", "check", "--repair"]);
      expect(repaired.code, repaired.out + repaired.err).toBe(mends ? 0 : 1);
      if (!mends) await home.ok("pull", "-q", setting.image);
      expect(await home.ok("system", "check")).toBe("");
      expect(await home.ok("run", "--rm", setting.image, "echo", "fine")).toBe("fine");
      expect(await home.ok("start", "-a", "kept"), "the container is as it was").toBe("");
      expect(await home.ok("images", "-q")).not.toBe("");
    },
  );

  /** Brings the write-ahead log into the database, as the last writer of a busy store would. */
  function settle(home: GalleyHome): void {
    const script = `const { DatabaseSync } = require("node:sqlite"); const db = new DatabaseSync(process.argv[1]); db.exec("PRAGMA wal_checkpoint(TRUNCATE)"); db.close();`;
    execFileSync(process.execPath, ["-e", script, join(home.root, "galley.db")]);
  }

  test("galley system check --repair-lossy removes what cannot be mended, and only that", async () => {
    await using home = await filledHome();
    await home.ok("tag", setting.image, "localhost/other");
    await home.ok("run", "--name", "second", setting.image, "true");
    rmSync(blobs(home.root)[0] ?? "");
    const { code, out } = await home.run(["system", "check", "--repair-lossy"]);
    expect(code, out).toBe(0);
    expect(out).toMatch(/^blob sha256:[0-9a-f]{64} is missing: was removed with image [0-9a-f]{12}$/m);
    expect([await home.ok("images", "-q"), await home.ok("ps", "-aq")]).toEqual(["", ""]);
    await home.ok("pull", "-q", setting.image);
    expect(await home.ok("system", "check")).toBe("");
  });

  test("galley system check leaves a container's files alone whose record is lost, until told to remove them", async () => {
    await using home = await filledHome();
    const orphan = join(home.root, "containers", "a".repeat(64), "upper");
    mkdirSync(orphan, { recursive: true });
    writeFileSync(join(orphan, "work"), "precious");
    expect((await home.run(["system", "check", "--repair"])).code).toBe(1);
    expect(readFileSync(join(orphan, "work"), "utf8")).toBe("precious");
    expect((await home.run(["system", "check", "--repair-lossy"])).code).toBe(0);
    expect(readdirSync(join(home.root, "containers")).filter((name) => /^a+$/.test(name))).toEqual([]);
    expect(await home.ok("ps", "-a"), "the other one stays").toContain("kept");
  });

  test("galley system df counts what du counts, within one in a hundred", async () => {
    await using home = await filledHome();
    const script =
      "dd if=/dev/zero of=/big bs=64k count=32 2> /dev/null; truncate -s 1G /sparse; ln /big /same; mkdir /many; for i in $(seq 300); do echo $i > /many/$i; done";
    await home.ok("run", "--name", "writes", setting.image, "sh", "-c", script);
    settle(home); // the last reader moves the log into the database, which would be between the two
    const usage = JSON.parse(await home.ok("system", "df", "-v", "--format", "json"));
    const du = Number(execFileSync("du", ["-s", "-B1", home.root], { encoding: "utf8" }).split("\t")[0]);
    expect(Math.abs(usage.Size - du) / du).toBeLessThan(0.01);
    const rows = JSON.parse(await home.ok("system", "df", "--format", "json"));
    const shown = rows.reduce((sum: number, { RawSize }: { RawSize: number }) => sum + RawSize, 0);
    expect(shown / du, "records and directories are the rest").toBeGreaterThan(0.9);
    expect(usage.Containers.find(({ Names }: { Names: string }) => Names === "writes").Size).toBeGreaterThan(2 ** 21);
    await home.ok("rm", "-a");
    const left = JSON.parse(await home.ok("system", "df", "--format", "json"));
    expect(left.find(({ Type }: { Type: string }) => Type === "Containers")).toMatchObject({ RawSize: 0, Total: 0 });
  });
});
