import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ended } from "./ended.ts";
import { type GalleyHome, makeHome } from "./galley-home.ts";
import { missingForBlackBox, named } from "./galley-program.ts";
import { lookAtHost, nothingLeft } from "./nothing-left.ts";
import { type PodmanHome, podmanHome } from "./podman-home.ts";
import { mountsNaming } from "./traces.ts";
import { listTree, type TreeListing, treeDifferences } from "./tree-listing.ts";
import { until } from "./until.ts";

const run = promisify(execFile);
const reason = missingForBlackBox(["podman", "runc", "setfattr", "getfattr", "setcap", "tar", "python3"]);
const image = "localhost/base:1";
const slowMs = 120_000;

const baseScript = `
mkdir -p usr/bin etc moved/deep gone/deep opaque/deep becomes-file/in directory whole
cp "$(command -v busybox)" usr/bin/busybox
for name in sh id cat sleep echo ls dd mv; do ln usr/bin/busybox usr/bin/$name; done
ln -s usr/bin bin
for name in etc/conf etc/renamed etc/kept moved/deep/file gone/deep/file opaque/old opaque/deep/old; do echo $name > $name; done
for name in becomes-directory becomes-file/in/file setuid owner capable linked-a whole/file unchanged; do echo $name > $name; done
ln linked-a linked-b
echo pair > pair-a
ln pair-a pair-b
chmod 0755 setuid capable
`;

/** The time is the fourth thing of a line. Archives of ours, of Podman and of Docker hold whole seconds. */
function wholeSeconds(listing: TreeListing): TreeListing {
  return mapped(listing, (parts) => parts.with(3, String(BigInt(parts[3] ?? "") / 1_000_000_000n)));
}

/** Another engine's run of a script is at another time, and it keeps no attributes of administrators. */
function anyTime(listing: TreeListing): TreeListing {
  return mapped(listing, (parts) => parts.with(3, "").with(4, (parts[4] ?? "").replace(/trusted\.\S+ ?/, "").trim()));
}

function mapped(listing: TreeListing, change: (parts: string[]) => string[]): TreeListing {
  return new Map([...listing].map(([name, line]) => [name, change(line.split(" | ")).join(" | ")]));
}

/** What only one engine makes in a container's root, and what no archive holds. */
function without(listing: TreeListing, ...names: string[]): TreeListing {
  return new Map([...listing].filter(([name]) => !names.includes(name)));
}

const engineMade = [
  "dev",
  "proc",
  "run",
  "run/.containerenv",
  "sys",
  "etc/hosts",
  "etc/hostname",
  "etc/resolv.conf",
  "etc/mtab",
];

describe.skipIf(reason !== undefined)(named("galley commit, diff and export", reason), () => {
  let folder: string;
  let home: GalleyHome;
  let podman: PodmanHome;
  /** Where the changed container's files are. */
  let containerPath: string;
  let expected: TreeListing;

  const script = (name: string): string => join(import.meta.dirname, name);
  const change = async (path: string): Promise<void> => {
    await run("bash", [script("changed-files.sh")], { cwd: path });
    await run("bash", [script("odd-files.sh")], { cwd: path });
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "galley-commit-"));
    home = await makeHome();
    podman = await podmanHome(folder);
    const tree = join(folder, "tree");
    await mkdir(tree);
    await run("bash", ["-euc", baseScript], { cwd: tree });
    await run("tar", ["-C", tree, "-cf", join(folder, "base.tar"), "."]);
    await home.run(["import", "-q", join(folder, "base.tar"), image]);
    await home.ok("create", "--name", "changed", "--network", "none", image, "sh");
    containerPath = await home.ok("mount", "changed");
    await change(containerPath);
    // What podman's own diff cannot read.
    await run("sh", ["-ec", "rm becomes-directory; mkdir becomes-directory; echo in > becomes-directory/in"], {
      cwd: containerPath,
    });
    expected = without(wholeSeconds(listTree(containerPath)), "socket");
    await podman.ok("import", join(folder, "base.tar"), image);
    await podman.ok("create", "--name", "changed", "--network", "none", image, "sh");
    await change(await podman.ok("mount", "changed"));
  }, slowMs);

  afterAll(async () => {
    await podman?.[Symbol.asyncDispose]();
    await home?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }, slowMs);

  const mounted = async (name: string): Promise<TreeListing> =>
    wholeSeconds(listTree(await home.ok("image", "mount", name)));

  test("galley commit keeps every file, and the same container gives the same layer", async () => {
    await home.ok("commit", "-q", "changed", "changed:1");
    expect(treeDifferences(expected, await mounted("changed:1"))).toEqual([]);
    await home.ok("commit", "-q", "changed", "changed:again");
    const layers = async (name: string) => JSON.parse(await home.ok("image", "inspect", name))[0].RootFS.Layers;
    const first = await layers("changed:1");
    expect(first).toHaveLength(2);
    expect(await layers("changed:again")).toEqual(first);
  });

  test("galley commit --squash makes one layer of the same files", async () => {
    await home.ok("commit", "-q", "--squash", "changed", "changed:squashed");
    const known = ["linked-b", "pair-a", "pair-b"];
    const found = await mounted("changed:squashed");
    expect(treeDifferences(without(expected, ...known), without(found, ...known))).toEqual([]);
    expect(JSON.parse(await home.ok("image", "inspect", "changed:squashed"))[0].RootFS.Layers).toHaveLength(1);
  });

  test.each(["oci", "docker"])(
    "galley commit --format %s makes an image that podman unpacks to the same files",
    async (format) => {
      const name = `localhost/changed:${format}`;
      await home.ok("commit", "-q", "-f", format, "changed", name);
      const archive = join(folder, `${format}.tar`);
      await home.ok("save", "-q", "--format", `${format}-archive`, "-o", archive, name);
      await podman.ok("load", "-i", archive);
      const found = wholeSeconds(listTree(await podman.ok("image", "mount", name)));
      // Podman takes nothing of an entry for the root, and Go's reader takes an empty attribute for none.
      const differences = treeDifferences(without(expected, ""), without(found, ""));
      expect(differences.filter((line) => !/^"odd\/attributes".*user\.empty=0x .*found/.test(line))).toEqual([]);
      expect(await podman.ok("image", "inspect", "--format", "{{.ManifestType}}", name)).toContain(format);
    },
  );

  test("galley commit gives what podman's commit gives", async () => {
    await podman.ok("commit", "-q", "changed", "localhost/podmans:1");
    const theirs = anyTime(listTree(await podman.ok("image", "mount", "localhost/podmans:1")));
    const known = [...engineMade, "", "odd/attributes", "becomes-directory", "becomes-directory/in"];
    await home.ok("commit", "-q", "changed", "changed:compared");
    const ours = anyTime(await mounted("changed:compared"));
    expect(treeDifferences(without(theirs, ...known), without(ours, ...known))).toEqual([]);
  });

  test("galley diff tells what podman's diff tells, but for a directory that was made anew", async () => {
    const lines = (text: string) =>
      text
        .split("\n")
        .filter((line) => !/ \/(opaque|becomes-directory)(\/|$)/.test(line))
        .sort();
    expect(lines(await home.ok("diff", "changed"))).toEqual(lines(await podman.ok("diff", "changed")));
    const { changed, deleted } = JSON.parse(await home.ok("diff", "--format", "json", "changed"));
    expect(changed).toContain("/opaque");
    expect(deleted).toEqual(expect.arrayContaining(["/opaque/deep", "/opaque/old", "/gone", "/etc/renamed"]));
    expect(deleted).not.toContain("/gone/deep");
  });

  test("galley diff compares images and containers with each other, in both directions", async () => {
    await home.ok("commit", "-q", "changed", "changed:diffed");
    expect(await home.ok("diff", "changed:diffed", "changed")).toBe("D /socket");
    const own = (await home.ok("diff", "changed")).split("\n").filter((line) => line !== "A /socket");
    expect((await home.ok("image", "diff", "changed:diffed")).split("\n")).toEqual(own);
    const forth = JSON.parse(await home.ok("diff", "--format", "json", "changed:diffed", image));
    const back = JSON.parse(await home.ok("diff", "--format", "json", image, "changed"));
    expect(forth.added).toContain("/odd/names/with space");
    expect(back.deleted).toContain("/odd");
    expect(forth.deleted).toContain("/gone");
    expect(back.added).toEqual(expect.arrayContaining(["/gone", "/gone/deep", "/gone/deep/file"]));
    expect(forth.changed).toEqual(expect.arrayContaining(["/etc", "/etc/conf", "/owner"]));
    expect(await home.run(["diff", "nothing"])).toMatchObject({ code: 125, out: "" });
  });

  test("galley export writes an archive that tar(1) unpacks to the same files", async () => {
    const [archive, unpacked] = [join(folder, "export.tar"), join(folder, "unpacked")];
    await home.ok("export", "-o", archive, "changed");
    await mkdir(unpacked);
    const flags = ["--xattrs", "--xattrs-include=*", "--numeric-owner", "-p", "-xf", archive];
    await run("tar", ["-C", unpacked, ...flags]);
    // The image below has two names for these files, the container's own view one.
    const known = ["linked-b", "pair-a", "pair-b"];
    const found = wholeSeconds(listTree(unpacked));
    expect(treeDifferences(without(expected, ...known), without(found, ...known))).toEqual([]);
    expect(readFileSync(join(unpacked, "pair-a"), "utf8")).toBe("pair\nmore\n");
    expect(readFileSync(join(unpacked, "pair-b"), "utf8")).toBe("pair\n");
    await run("sh", ["-c", `${home.argv.map((word) => `'${word}'`).join(" ")} export changed > '${archive}.2'`]);
    expect(Buffer.compare(readFileSync(archive), readFileSync(`${archive}.2`))).toBe(0);
  });

  test("galley export refuses a terminal, and says what it does not know", async () => {
    const line = `${home.argv.join(" ")} export changed`;
    const { stdout } = await run("script", ["-qec", line, "/dev/null"]).catch((error) => error);
    expect(stdout).toContain("refusing to export to terminal");
    expect(await home.run(["export", "nothing"])).toMatchObject({ code: 125, out: "" });
    const output = join(folder, "never.tar");
    expect((await home.run(["export", "-o", output, "nothing"])).code).toBe(125);
    expect(existsSync(output)).toBe(false);
  });

  test("galley commit takes configuration, author, message and files for ids as podman does", async () => {
    const iidfile = join(folder, "iid");
    await writeFile(
      join(folder, "config.json"),
      JSON.stringify({ config: { Labels: { from: "file" }, Cmd: ["lost"] } }),
    );
    const flags = [
      "-a",
      "somebody",
      "-m",
      "why",
      "-f",
      "docker",
      "--iidfile",
      iidfile,
      "--config",
      join(folder, "config.json"),
    ];
    const changes = ['CMD ["id"]', "ENV A=1 B=2", "LABEL x=y", "EXPOSE 80", "WORKDIR /etc", "USER 5:6"];
    const id = await home.ok("commit", "-q", ...flags, ...changes.flatMap((each) => ["-c", each]), "changed");
    expect(readFileSync(iidfile, "utf8")).toBe(id);
    expect(JSON.parse(await home.ok("image", "inspect", id))[0]).toMatchObject({
      Author: "somebody",
      Comment: "why",
      Parent: "",
      RepoTags: [],
      Config: {
        Cmd: ["id"],
        Env: ["A=1", "B=2"],
        Labels: { from: "file", x: "y" },
        ExposedPorts: { "80/tcp": {} },
        WorkingDir: "/etc",
        User: "5:6",
      },
      ManifestType: "application/vnd.docker.distribution.manifest.v2+json",
    });
    expect(await home.run(["commit", "-m", "x", "changed"])).toMatchObject({
      code: 125,
      err: expect.stringContaining("-f docker"),
    });
    expect(await home.run(["commit", "-c", "FROM x", "changed"])).toMatchObject({ code: 125 });
    expect(await home.run(["commit", "changed", "Not A Name"])).toMatchObject({ code: 125 });
    expect(await home.run(["commit", "nothing"])).toMatchObject({ code: 125 });
  });

  test("galley commit takes what a container was told to run, and its volumes where asked", async () => {
    const told = [
      "-e",
      "K=v",
      "-l",
      "a=b",
      "-u",
      "7",
      "-w",
      "/etc",
      "-v",
      `${folder}:/data`,
      "--entrypoint",
      "/bin/echo",
    ];
    await home.ok("create", "--name", "told", "--network", "none", ...told, image, "hello");
    const config = async (...flags: string[]) => {
      const id = await home.ok("commit", "-q", ...flags, "told");
      return JSON.parse(await home.ok("image", "inspect", id))[0].Config;
    };
    const plain = await config();
    expect(plain).toMatchObject({
      Env: ["K=v"],
      Labels: { a: "b" },
      User: "7",
      WorkingDir: "/etc",
      Entrypoint: ["/bin/echo"],
      Cmd: ["hello"],
    });
    expect(plain.Volumes).toBeUndefined();
    expect((await config("--include-volumes")).Volumes).toEqual({ "/data": {} });
  });

  test("galley commit of a running container takes it as it is, and with --pause at one moment", async () => {
    const busy = "i=0; while :; do i=$((i+1)); for f in first second; do echo $i > /$f.new; mv /$f.new /$f; done; done";
    await home.ok("run", "-d", "--name", "busy", "--network", "none", image, "sh", "-c", busy);
    try {
      await home.ok("commit", "-q", "busy");
      for (let turn = 0; turn < 3; turn += 1) {
        await home.ok("commit", "-q", "--pause", "busy", "busy:1");
        const out = await home.ok("run", "--rm", "--network", "none", "busy:1", "sh", "-c", "cat /first /second || :");
        const [first = 0, second = 0] = out.split("\n").map(Number);
        expect(Math.abs(first - second)).toBeLessThanOrEqual(1);
      }
      expect(await home.ok("export", "-o", "/dev/null", "busy")).toBe("");
      expect(await home.ok("diff", "busy")).toContain("A /first");
      const count = async () => Number(await home.ok("exec", "busy", "cat", "/second").catch(() => "0"));
      const before = await count();
      await until("it runs on", async () => (await count()) > before);
    } finally {
      await home.ok("rm", "-f", "-t", "0", "busy");
    }
  });

  test("galley commit --pause that is killed lets the container go on", async () => {
    await home.ok(
      "run",
      "-d",
      "--name",
      "paused",
      "--network",
      "none",
      image,
      "sh",
      "-c",
      "dd if=/dev/urandom of=/large bs=1048576 count=60 2>/dev/null; sleep 100",
    );
    await until("the file is there", async () =>
      (await home.ok("exec", "paused", "ls", "-l", "/large")).includes(" 62914560 "),
    );
    try {
      const id = await home.ok("container", "inspect", "paused").then((text) => JSON.parse(text)[0].Id);
      const state = () => frozenState(id);
      for (const ms of [0, 50, 200]) {
        const child = home.start(["commit", "-q", "--pause", "paused"], { stdio: "ignore" });
        const end = ended(child);
        await until("it stands still", () => state() !== "running");
        await sleep(ms);
        child.kill("SIGKILL");
        await end;
        await until("it goes on", () => state() === "running");
      }
      expect(await home.ok("exec", "paused", "echo", "alive")).toBe("alive");
    } finally {
      await home.ok("rm", "-f", "-t", "0", "paused");
    }
  });

  test("galley commit and export stream sparse files of 9 and 1 GiB in little memory, and the image takes little disk", {
    timeout: slowMs * 2,
  }, async () => {
    await home.ok("create", "--name", "huge", "--network", "none", image, "sh");
    const path = await home.ok("mount", "huge");
    await run(
      "sh",
      ["-c", "truncate -s 9G huge && printf end | dd of=huge bs=1 seek=9600000000 conv=notrunc status=none"],
      { cwd: path },
    );
    const sizes = async (...args: string[]) => {
      const child = home.start(args, { stdio: ["ignore", "ignore", "inherit"] });
      let peakKiB = 0;
      const watch = setInterval(() => {
        peakKiB = Math.max(peakKiB, peakOf(child.pid ?? 0));
      }, 100);
      const { code } = await ended(child, slowMs).finally(() => clearInterval(watch));
      return { code, peakMiB: peakKiB >> 10 };
    };
    const exported = await sizes("export", "-o", "/dev/null", "huge");
    expect(exported).toMatchObject({ code: 0 });
    expect(exported.peakMiB).toBeLessThan(256);
    await run("truncate", ["-s", "1G", join(path, "huge")]);
    await run("sh", ["-c", "printf end | dd of=huge bs=1 seek=1000000000 conv=notrunc status=none"], { cwd: path });
    const committed = await sizes("commit", "-q", "huge", "huge:1");
    expect(committed).toMatchObject({ code: 0 });
    expect(committed.peakMiB).toBeLessThan(256);
    const mountedPath = await home.ok("image", "mount", "huge:1");
    const looks = "stat -c %s huge; tail -c +1000000001 huge | head -c 3; echo; du -m huge";
    const { stdout } = await run("sh", ["-c", looks], { cwd: mountedPath });
    const [size, end, used] = stdout.split("\n");
    expect([size, end]).toEqual(["1073741824", "end"]);
    expect(Number.parseInt(used ?? "", 10)).toBeLessThan(100);
  });

  test("galley image mount counts its uses and keeps the image", async () => {
    const path = await home.ok("image", "mount", image);
    expect(await home.ok("image", "mount", image)).toBe(path);
    expect(await home.ok("image", "mount")).toMatch(new RegExp(`^${image} +${path}$`, "m"));
    expect(await home.run(["rmi", image])).toMatchObject({ code: 2 });
    await expect(writeFile(join(path, "x"), "")).rejects.toMatchObject({ code: "EROFS" });
    await home.ok("image", "unmount", image);
    expect(existsSync(join(path, "etc/conf"))).toBe(true);
    const id = await home.ok("image", "unmount", image);
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(existsSync(path)).toBe(false);
    expect(await home.ok("image", "unmount", image)).toBe("");
    await Promise.all(Array.from({ length: 6 }, () => home.ok("image", "mount", image)));
    expect(mountsNaming(home.folder).filter((line) => line.includes(id))).toHaveLength(1);
    await Promise.all(Array.from({ length: 6 }, () => home.ok("image", "umount", image)));
    expect(mountsNaming(home.folder).filter((line) => line.includes(id))).toEqual([]);
    expect(await home.run(["image", "mount", "nothing"])).toMatchObject({ code: 125 });
    expect(await home.run(["image", "unmount"])).toMatchObject({ code: 125 });
  });

  test("galley mount shows the files that a container runs on, before, meanwhile and afterwards", async () => {
    await home.ok("create", "--name", "seen", "--network", "none", image, "sleep", "100");
    const path = await home.ok("mount", "seen");
    await writeFile(join(path, "before"), "1\n");
    await home.ok("start", "seen");
    expect(await home.ok("exec", "seen", "cat", "/before")).toBe("1");
    await home.ok("exec", "seen", "sh", "-c", "echo 2 > /inside");
    expect(readFileSync(join(path, "inside"), "utf8")).toBe("2\n");
    expect(await home.ok("unmount", "seen")).toBe("seen");
    expect(await home.ok("exec", "seen", "cat", "/inside")).toBe("2");
    expect(await home.ok("mount", "seen")).toBe(path);
    await writeFile(join(path, "outside"), "3\n");
    expect(await home.ok("exec", "seen", "cat", "/outside")).toBe("3");
    expect(await home.ok("mount")).toContain(path);
    await home.ok("stop", "-t", "0", "seen");
    expect(readFileSync(join(path, "inside"), "utf8")).toBe("2\n");
    await home.ok("rm", "seen");
    expect(existsSync(path)).toBe(false);
    expect(await home.run(["mount", "seen"])).toMatchObject({ code: 125 });
    expect(await home.run(["unmount"])).toMatchObject({ code: 125 });
  });

  test("galley leaves nothing on the host once all is unmounted", async () => {
    const before = lookAtHost();
    await home.ok("unmount", "--all");
    await home.ok("image", "unmount", "--all", "--force");
    await nothingLeft(home.folder, before);
  });
});

function frozenState(id: string): "running" | "frozen" {
  const [old, unified] = [
    `/sys/fs/cgroup/freezer/galley-${id}/freezer.state`,
    `/sys/fs/cgroup/galley-${id}/cgroup.events`,
  ];
  const text = existsSync(old) ? readFileSync(old, "utf8") : readFileSync(unified, "utf8");
  return /FROZEN|FREEZING|frozen 1/.test(text) ? "frozen" : "running";
}

/** The most memory that a process has had, in KiB; 0 when it is gone. */
function peakOf(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
