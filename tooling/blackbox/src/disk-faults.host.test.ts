import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BusyboxSetting, busyboxSetting } from "./busybox-setting.ts";
import { expectFailure } from "./failure.ts";
import { type GalleyHome, makeHome } from "./galley-home.ts";
import { missingForBlackBox, named } from "./galley-program.ts";
import { lookAtHost, nothingLeft } from "./nothing-left.ts";
import { privateMounts } from "./private-mounts.ts";

const reason = missingForBlackBox(["unshare", "nsenter", "mount", "dd"]);
const unchecked = /space|full|ENOSPC|readonly|read-only|EROFS/i;

describe.skipIf(reason !== undefined)(named("galley", reason), () => {
  let setting: BusyboxSetting;
  beforeAll(async () => {
    setting = await busyboxSetting();
  });
  afterAll(() => setting?.[Symbol.asyncDispose]());

  async function pulledHome(): Promise<GalleyHome> {
    const home = await makeHome();
    await home.ok("pull", "-q", setting.image);
    return home;
  }
  const fill = (folder: string): string =>
    `dd if=/dev/zero of=${folder}/filler bs=4k 2> /dev/null || true; ! echo x > ${folder}/probe; rm -f ${folder}/probe`;

  test("galley run with a full /run fails in one line and leaves nothing; stop, rm and the next run work", async () => {
    await using home = await pulledHome();
    const before = lookAtHost();
    await using inside = await privateMounts(home);
    mkdirSync(home.runroot, { recursive: true });
    await inside.sh(`mount -t tmpfs -o size=256k,nr_inodes=64 tmpfs ${home.runroot}`);
    await inside.home.ok("run", "-d", "--name", "early", setting.image, "sleep", "60");
    await inside.sh(fill(home.runroot));
    for (const words of [
      ["run", "--rm"],
      ["run", "-d"],
      ["run", "--rm", "-m", "64m", "--init"],
    ]) {
      const result = await inside.home.run([...words, "--name", "late", setting.image, "echo", "hi"]);
      if (result.code === 0) expect(result.err).toBe("");
      else expectFailure(result, { code: 125, says: unchecked });
      await inside.home.run(["rm", "-f", "-t", "0", "--ignore", "late"]);
    }
    await inside.sh(`i=0; while touch ${home.runroot}/i$i; do i=$((i+1)); done 2> /dev/null || true`);
    expectFailure(await inside.home.run(["run", "--rm", "--name", "late", setting.image, "echo", "hi"]), {
      code: 125,
      says: unchecked,
    });
    expect(await inside.home.ok("ps", "-a")).not.toMatch(/ late$/m);
    expect(await inside.home.ok("ps", "-q")).not.toBe("");
    await inside.home.ok("stop", "-t", "0", "early");
    await inside.home.ok("rm", "early");
    await nothingLeft("no folder: the groups alone", before);
    await inside.sh(`rm -f ${home.runroot}/filler ${home.runroot}/i*`);
    expect(await inside.home.ok("run", "--rm", "--name", "late", setting.image, "echo", "hi")).toBe("hi");
  });

  test("galley pull onto a full disk fails in one line, and the next one works when there is room", async () => {
    await using home = await makeHome();
    await using inside = await privateMounts(home);
    mkdirSync(home.root, { recursive: true });
    for (const sizeKb of [16, 200, 1200, 2400]) {
      await inside.sh(`mount -t tmpfs -o size=${sizeKb}k tmpfs ${home.root}`);
      expectFailure(await inside.home.run(["pull", "-q", setting.image]), { code: 125, says: unchecked });
      const listed = await inside.home.run(["images", "-q"]);
      if (listed.code === 0) expect(listed).toEqual({ code: 0, out: "", err: "" });
      else expectFailure(listed, { code: 125, says: unchecked });
      await inside.sh(`mount -o remount,size=64m ${home.root}`);
      await inside.home.ok("pull", "-q", setting.image);
      expect(await inside.home.ok("run", "--rm", setting.image, "echo", "hi")).toBe("hi");
      expect(await inside.sh(`ls ${home.root}/content/staging ${home.root}/layers/staging | grep -v : || true`)).toBe(
        "\n",
      );
      await inside.sh(`umount ${home.root}`);
    }
  });

  test("galley run on a full disk fails in one line; ps, images, rm and rmi still work", async () => {
    await using home = await makeHome();
    const before = lookAtHost();
    await using inside = await privateMounts(home);
    mkdirSync(home.root, { recursive: true });
    await inside.sh(`mount -t tmpfs -o size=32m tmpfs ${home.root}`);
    await inside.home.ok("pull", "-q", setting.image);
    await inside.home.ok("run", "-d", "--name", "runs", setting.image, "sleep", "60");
    await inside.home.ok("run", "--name", "ended", setting.image, "sh", "-c", "echo text; echo > /f");
    await inside.sh(fill(home.root));
    expectFailure(await inside.home.run(["run", "--rm", setting.image, "true"]), { code: 125, says: unchecked });
    expect((await inside.home.ok("ps", "-aq")).split("\n")).toHaveLength(2);
    expect(await inside.home.ok("images", "-q")).not.toBe("");
    expect(await inside.home.ok("logs", "ended")).toBe("text");
    expect(await inside.home.ok("exec", "runs", "echo", "alive")).toBe("alive");
    await inside.home.ok("stop", "-t", "0", "runs");
    const removal = await inside.home.run(["rm", "-f", "ended", "runs"]);
    expect(removal).toEqual({ code: 0, out: "ended\nruns\n", err: "" });
    await nothingLeft("no folder: the groups alone", before);
    expect((await inside.home.run(["rmi", setting.image])).code).toBe(0);
    await inside.sh(`rm ${home.root}/filler`);
    await inside.home.ok("pull", "-q", setting.image);
    expect(await inside.home.ok("run", "--rm", setting.image, "echo", "hi")).toBe("hi");
  });

  test("galley with a container that fills the disk keeps that container's exit code", async () => {
    await using home = await makeHome();
    await using inside = await privateMounts(home);
    mkdirSync(home.root, { recursive: true });
    await inside.sh(`mount -t tmpfs -o size=24m tmpfs ${home.root}`);
    await inside.home.ok("pull", "-q", setting.image);
    const script = "dd if=/dev/zero of=/big bs=64k 2>&1 | grep -o 'No space left'; exit 6";
    const result = await inside.home.run(["run", "--name", "greedy", setting.image, "sh", "-c", script]);
    expect(result.code).not.toBe(0);
    expect(result.out).toBe("No space left\n");
    await inside.home.ok("rm", "greedy");
    expect(await inside.home.ok("run", "--rm", setting.image, "echo", "hi")).toBe("hi");
  });

  test("galley with a read-only root can look and says why it cannot do more", async () => {
    await using home = await pulledHome();
    await home.ok("run", "--name", "old", setting.image, "echo", "said");
    await using inside = await privateMounts(home);
    await inside.sh(`mount --bind ${home.root} ${home.root}; mount -o remount,bind,ro ${home.root}`);
    expect(await inside.home.ok("images", "-q")).not.toBe("");
    expect(await inside.home.ok("ps", "-a")).toContain("old");
    expect(await inside.home.ok("logs", "old")).toBe("said");
    for (const words of [
      ["run", "--rm", setting.image, "true"],
      ["pull", "-q", setting.image],
      ["rm", "old"],
      ["tag", setting.image, "x"],
    ]) {
      const { code, ...texts } = await inside.home.run(words);
      expectFailure({ code: code === 0 ? 0 : 125, ...texts }, { code: 125, says: unchecked });
    }
    await inside.sh(`umount ${home.root}`);
    await inside.home.ok("rm", "old");
    expect(await inside.home.ok("run", "--rm", setting.image, "echo", "hi")).toBe("hi");
  });

  test.each<[string, (path: string) => void]>([
    ["overwritten", (path) => writeFileSync(path, "this is no database\n".repeat(1000))],
    ["cut off", (path) => truncateSync(path, 5000)],
    [
      "a directory",
      (path) => {
        rmSync(path);
        mkdirSync(path);
      },
    ],
  ])(
    "galley with a database that is %s says so in one line, touches nothing, and works again with the old one",
    async (_, spoil) => {
      await using home = await pulledHome();
      await home.ok("run", "--name", "old", setting.image, "echo", "said");
      const path = join(home.root, "galley.db");
      const kept = join(home.folder, "kept.db");
      const copy = (from: string, to: string): void => {
        for (const part of ["", "-wal"]) if (existsSync(from + part)) copyFileSync(from + part, to + part);
      };
      copy(path, kept);
      for (const part of ["-wal", "-shm"]) rmSync(path + part, { force: true });
      spoil(path);
      for (const words of [
        ["ps", "-a"],
        ["images"],
        ["run", "--rm", setting.image, "true"],
        ["pull", "-q", setting.image],
        ["rm", "old"],
      ]) {
        const { code, ...texts } = await home.run(words);
        expectFailure({ code: code === 0 ? 0 : 125, ...texts }, { code: 125, says: /galley\.db|database/ });
      }
      expect(readdirSync(join(home.root, "layers")).filter((name) => name.length === 64)).toHaveLength(1);
      for (const part of ["", "-wal", "-shm"]) rmSync(path + part, { force: true, recursive: true });
      copy(kept, path);
      expect(await home.ok("logs", "old")).toBe("said");
      expect(await home.ok("run", "--rm", setting.image, "echo", "hi")).toBe("hi");
    },
  );

  test("galley with a lost database starts anew, and takes what lies there without fetching it again", async () => {
    await using home = await pulledHome();
    for (const name of readdirSync(home.root).filter((each) => each.startsWith("galley.db")))
      rmSync(join(home.root, name));
    expect(await home.ok("images", "-q")).toBe("");
    await home.ok("pull", "-q", setting.image);
    expect(await home.ok("run", "--rm", setting.image, "echo", "hi")).toBe("hi");
  });

  test.each(["root", "runroot"])("galley with a file for its %s says so in one line", async (which) => {
    await using home = await makeHome();
    writeFileSync(join(home.folder, "file"), "");
    const places = { root: home.root, runroot: home.runroot, [which]: join(home.folder, "file") };
    if (which === "runroot") await home.ok("pull", "-q", setting.image);
    const result = await home.run([
      "--root",
      places.root,
      "--runroot",
      places.runroot,
      "run",
      "--rm",
      "-q",
      setting.image,
      "true",
    ]);
    expectFailure(result, { code: 125, says: /file/ });
  });
});
