import { existsSync } from "node:fs";
import { join } from "node:path";
import { pushWithSkopeo, type RunningRegistry, startDebianRegistry } from "@galley/testing-images";
import { afterAll, beforeAll, describe, expect, type TestContext, test } from "vitest";
import { type DebianImage, debianImage } from "./debian-image.ts";
import { debianMirror } from "./debian-mirror.ts";
import { type GalleyHome, makeHome } from "./galley-home.ts";
import { missingForBlackBox, named } from "./galley-program.ts";
import { lookAtHost, nothingLeft } from "./nothing-left.ts";
import { listTree, treeDifferences } from "./tree-listing.ts";

const mirror = debianMirror();
const programs = ["debootstrap", "tar", "getfattr", "setfattr", "setcap", "bash"];
const reason = missingForBlackBox(programs) ?? (mirror === undefined ? "needs a configured Debian mirror" : undefined);
const makingTimeoutMs = 600_000;
const pullTimeoutMs = 120_000;

describe.skipIf(reason !== undefined)(named("galley with a whole Debian", reason), () => {
  let debian: DebianImage;
  let unavailable: string | undefined;
  let registry: RunningRegistry;
  let home: GalleyHome;
  let image: string;

  beforeAll(async () => {
    if (mirror === undefined) return;
    try {
      debian = await debianImage(mirror);
    } catch (error) {
      if (!String(error).includes("debootstrap")) throw error;
      unavailable = `debootstrap failed: ${String(error).split("\n").at(-1)}`;
      return;
    }
    registry = await startDebianRegistry();
    home = await makeHome();
    image = `${registry.address}/debian:latest`;
    await pushWithSkopeo({ path: debian.layoutPath, tag: "latest" }, image);
    const pulled = await home.run(["pull", "-q", image], { timeoutMs: pullTimeoutMs });
    expect(pulled).toMatchObject({ code: 0, err: "" });
  }, makingTimeoutMs);
  afterAll(async () => {
    await home?.[Symbol.asyncDispose]();
    await registry?.[Symbol.asyncDispose]();
  });

  const needsDebian = ({ skip }: TestContext): void => skip(unavailable !== undefined, unavailable);
  const bash = (script: string, ...flags: string[]): Promise<string> =>
    home.ok("run", "--rm", ...flags, image, "bash", "-ec", script);

  async function layerTree(): Promise<string> {
    const [{ RootFS }] = JSON.parse(await home.ok("image", "inspect", image));
    return join(home.root, "layers", String(RootFS.Layers[0]).replace("sha256:", ""), "tree");
  }

  async function expectUnchanged(): Promise<void> {
    expect(treeDifferences(debian.listing, listTree(await layerTree()))).toEqual([]);
  }

  test("galley pull unpacks a tree that equals the original in all that an archive can carry", async (context) => {
    needsDebian(context);
    expect(debian.listing.size).toBeGreaterThan(5000);
    await expectUnchanged();
  });

  test("galley run of it: packages, scripts and accounts work", async (context) => {
    needsDebian(context);
    expect(Number(await bash("dpkg -l | grep -c ^ii"))).toBeGreaterThan(70);
    expect(await bash("dpkg --verify libc6 coreutils bash")).toBe("");
    expect(await bash("perl -e 'print 6*7'")).toBe("42");
    expect(await bash("su -s /bin/sh nobody -c 'id -un; echo $HOME'")).toBe("nobody\n/nonexistent");
    expect(await bash("id -un", "-u", "www-data")).toBe("www-data");
  });

  test("galley run of it: setuid bits and file capabilities work, and can be forbidden", async (context) => {
    needsDebian(context);
    expect(await bash("/odd/setuid-id -u", "-u", "1000")).toBe("0");
    expect(await bash("/odd/setuid-id -u", "-u", "1000", "--security-opt", "no-new-privileges")).toBe("1000");
    expect(await bash("getcap /odd/bound-cat")).toBe("/odd/bound-cat cap_net_bind_service=ep");
    const capabilities = "/odd/bound-cat /proc/self/status | grep CapEff";
    expect(await bash(capabilities, "-u", "1000")).toBe("CapEff:\t0000000000000400");
  });

  test("galley run of it sees what the archive said", async (context) => {
    needsDebian(context);
    const seen = await bash(
      "cd /odd; stat -c '%F %a %u %g %h %t:%T' null-like disk fifo link-1 large-ids setgid-directory",
    );
    expect(seen.split("\n")).toEqual([
      "character special file 644 0 0 1 1:3",
      "block special file 644 0 0 1 103:493e0",
      "fifo 620 0 0 1 0:0",
      "regular file 644 0 0 3 0:0",
      "regular empty file 644 2000000001 2147483647 1 0:0",
      "directory 2770 0 50 2 0:0",
    ]);
    expect(await bash("cd /odd; stat -c %.9Y times-epoch times-exact times-far")).toBe(
      "0.000000000\n1700000000.123456789\n4500000000.000000001",
    );
    expect(await bash("find /odd/names -name '*-text' | wc -l; find /odd/names -path '*/d*/file' | xargs cat")).toBe(
      "1\n10",
    );
  });

  test("galley run changes its own layer only", async (context) => {
    needsDebian(context);
    const before = lookAtHost();
    const script = [
      "rm -rf /usr/share/doc /odd/names",
      "echo more >> /odd/link-2; grep -c more /odd/link-2",
      "chmod 777 /odd/no-mode; mv /odd/deep /odd/moved 2> /dev/null; chown -R 5:5 /odd/sticky; touch /odd",
      "dpkg --force-all -r libcap2-bin > /dev/null 2>&1; rm -f /bin/getcap",
    ];
    await home.ok("run", "--name", "wild", image, "bash", "-c", script.join("\n"));
    await expectUnchanged();
    expect(await home.ok("start", "-a", "wild")).toBe("2");
    await home.ok("rm", "wild");
    await nothingLeft(home.folder, before);
    await expectUnchanged();
  });

  test("galley rmi takes the whole tree away", async (context) => {
    needsDebian(context);
    const path = await layerTree();
    await home.ok("rmi", image);
    expect(existsSync(path)).toBe(false);
  });
});
