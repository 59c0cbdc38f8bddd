import { mkdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BusyboxSetting, busyboxSetting } from "./busybox-setting.ts";
import { expectFailure } from "./failure.ts";
import { type GalleyHome, makeHome } from "./galley-home.ts";
import { missingForBlackBox, named } from "./galley-program.ts";
import { type PrivateMounts, privateMounts } from "./private-mounts.ts";
import { storeCounts } from "./store-counts.ts";

const reason = missingForBlackBox(["unshare", "nsenter", "mount", "dd", "mkfs.ext4", "truncate"]);
const noSpace = /space|full|ENOSPC/i;
/** Free space before the command, so that each of its writes is once the one that fails. */
const stepKb = 96;
const enoughKb = 6000;

describe.skipIf(reason !== undefined)(named("galley on a small ext4", reason), () => {
  let setting: BusyboxSetting;
  beforeAll(async () => {
    setting = await busyboxSetting();
  });
  afterAll(() => setting?.[Symbol.asyncDispose]());

  /** A home whose root is an ext4 of its own, in a mount namespace of its own. */
  async function smallDisk(home: GalleyHome): Promise<PrivateMounts> {
    const inside = await privateMounts(home);
    const image = `${home.folder}/disk`;
    mkdirSync(home.root, { recursive: true });
    await inside.sh(`truncate -s 24M ${image} && mkfs.ext4 -q -m 0 ${image} && mount -o loop ${image} ${home.root}`);
    await inside.sh(`rmdir ${home.root}/lost+found`);
    return inside;
  }
  const filler = (home: GalleyHome): string => `${home.root}/filler`;
  const leaveFree = (home: GalleyHome, freeKb: number): string =>
    `dd if=/dev/zero of=${filler(home)} bs=64k 2> /dev/null || true; sync; size=$(stat -c %s ${filler(home)}); ` +
    `truncate -s $((size > ${freeKb} * 1024 ? size - ${freeKb} * 1024 : 0)) ${filler(home)}`;

  /** Fails at one write after the other, until there is room; the store is sound after each. */
  async function failEverywhere(inside: PrivateMounts, words: readonly string[], undo: readonly string[]) {
    const home = inside.home;
    const sound = storeCounts(inside.path(home.root));
    let failures = 0;
    for (let freeKb = 0; freeKb < enoughKb; freeKb += stepKb) {
      await inside.sh(leaveFree(home, freeKb));
      const result = await home.run(words);
      if (result.code === 0) {
        await inside.sh(`rm ${filler(home)}`);
        return failures;
      }
      failures++;
      expectFailure(result, { code: 125, says: noSpace });
      expect((await home.run(["images", "-q"])).code, `with ${freeKb} kB`).toBe(0);
      await inside.sh(`dd if=/dev/zero of=${home.root}/rest bs=4k 2> /dev/null || true`);
      const check = await home.run(["system", "check"]);
      expect(check, `with ${freeKb} kB: ${check.out}`).toMatchObject({ code: 0, err: "" });
      expect(await home.run(undo), `with ${freeKb} kB`).toMatchObject({ code: 0, err: "" });
      expect(storeCounts(inside.path(home.root)), `with ${freeKb} kB`).toEqual(sound);
      await inside.sh(`rm ${filler(home)} ${home.root}/rest`);
    }
    throw new Error(`galley ${words.join(" ")} needs more than ${enoughKb} kB`);
  }

  test("galley pull fails cleanly at every write for want of space; prune and rmi work on the full disk", {
    timeout: 240_000,
  }, async () => {
    await using home = await makeHome();
    await using inside = await smallDisk(home);
    const failures = await failEverywhere(inside, ["pull", "-q", setting.image], ["image", "prune", "-f"]);
    expect(failures).toBeGreaterThan(10);
    expect(await inside.home.ok("run", "--rm", setting.image, "echo", "hi")).toBe("hi");
    await inside.sh(leaveFree(home, 0));
    expect((await inside.home.run(["rmi", setting.image])).code).toBe(0);
    await inside.sh(`rm -f ${filler(home)}`);
    await inside.home.ok("pull", "-q", setting.image);
  });

  test("galley commit fails cleanly at every write for want of space; the container stays as it was", {
    timeout: 240_000,
  }, async () => {
    await using home = await makeHome();
    await using inside = await smallDisk(home);
    await inside.home.ok("pull", "-q", setting.image);
    const script = "dd if=/dev/urandom of=/big bs=64k count=8 2> /dev/null; sha256sum /big";
    const sum = await inside.home.ok("run", "--name", "big", setting.image, "sh", "-c", script);
    const failures = await failEverywhere(inside, ["commit", "-q", "big", "big:1"], ["image", "prune", "-f"]);
    expect(failures).toBeGreaterThan(5);
    expect(await inside.home.ok("run", "--rm", "big:1", "sha256sum", "/big")).toBe(sum);
    await inside.home.ok("rm", "big");
  });
});
