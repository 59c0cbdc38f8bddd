import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { appendFile, open, truncate } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeName } from "@galley/spec";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { TreeEntry } from "./read-walk.ts";
import { walkPath } from "./walk-path.ts";
import { type WalkTreeOptions, walkTree } from "./walk-tree.ts";

const reason = missing();
function missing(): string {
  try {
    return walkPath() === "" ? "?" : "";
  } catch {
    return "needs Linux and npm run build:native";
  }
}
const isRoot = process.getuid?.() === 0;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "walk-"));
});
afterEach(() => rmSync(root, { recursive: true }));

async function walk(options?: WalkTreeOptions): Promise<Map<string, TreeEntry>> {
  const entries = new Map<string, TreeEntry>();
  for await (const entry of walkTree(root, options)) entries.set(entry.path, entry);
  return entries;
}

const sha = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
async function shaOf(entry: TreeEntry): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of entry.content()) hash.update(chunk);
  return hash.digest("hex");
}

describe.skipIf(reason !== "")(`walkTree() ${reason}`, () => {
  test("walkTree() gives the root first, then depth first with names in byte order", async () => {
    for (const name of ["b", "a", "a.d", "a0", "Z", "é", "~"]) mkdirSync(join(root, name));
    writeFileSync(join(root, "a/z"), "");
    writeFileSync(join(root, "a/Y"), "");
    expect([...(await walk()).keys()]).toEqual(["", "Z", "a", "a/Y", "a/z", "a.d", "a0", "b", "~", "é"]);
  });

  test("walkTree() gives holes as zeros without reading them", async () => {
    const path = join(root, "sparse");
    const file = await open(path, "w");
    await file.write("begin");
    await file.write("middle", 5 * 1024 * 1024);
    await file.truncate(9 * 1024 * 1024 + 7);
    await file.close();
    const expected = Buffer.alloc(9 * 1024 * 1024 + 7);
    expected.write("begin");
    expected.write("middle", 5 * 1024 * 1024);
    let sums: string[] = [];
    for await (const entry of walkTree(root, { content: true })) if (entry.path !== "") sums.push(await shaOf(entry));
    expect(sums).toEqual([sha(expected)]);
    await truncate(path, 0);
    await truncate(path, 3 * 2 ** 40);
    sums = [];
    for await (const entry of walkTree(root, { content: true }))
      for await (const chunk of entry.content()) {
        sums.push(String(chunk.length));
        break; // the other tebibytes are one record
      }
    expect(sums).toEqual([String(256 * 1024)]);
  });

  test("walkTree() of an empty directory gives the root alone", async () => {
    chmodSync(root, 0o1751);
    const entries = [...(await walk()).values()];
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({ path: "", type: "directory", mode: 0o1751, inode: BigInt(lstatSync(root).ino) });
  });

  test("walkTree() tells what lstat tells", async () => {
    writeFileSync(join(root, "file"), "hello");
    utimesSync(join(root, "file"), new Date(0), new Date(-123456789500));
    chmodSync(join(root, "file"), 0o6754);
    if (isRoot) execFileSync("chown", ["1234:5678", join(root, "file")]);
    chmodSync(join(root, "file"), 0o6754);
    symlinkSync("/nowhere/at all", join(root, "link"));
    linkSync(join(root, "file"), join(root, "second"));
    const entries = await walk();
    const file = entries.get("file");
    const status = lstatSync(join(root, "file"), { bigint: true });
    expect(file).toMatchObject({
      type: "file",
      mode: 0o6754,
      sizeBytes: 5,
      allocatedBytes: expect.any(Number),
      links: 2,
    });
    expect(file).toMatchObject({ uid: Number(status.uid), gid: Number(status.gid), inode: status.ino });
    expect(BigInt(file?.mtimeSeconds ?? 0) * 1_000_000_000n + BigInt(file?.mtimeNanoseconds ?? 0)).toBe(status.mtimeNs);
    expect(file?.mtimeSeconds).toBeLessThan(0);
    expect(entries.get("second")?.inode).toBe(file?.inode);
    expect(entries.get("second")?.fileSystem).toEqual(file?.fileSystem);
    expect(entries.get("link")).toMatchObject({ type: "symlink", linkTarget: "/nowhere/at all" });
  });

  test("walkTree() does not follow links, neither to files nor to directories", async () => {
    mkdirSync(join(root, "in"));
    writeFileSync(join(root, "in/f"), "x");
    symlinkSync("in", join(root, "to-dir"));
    symlinkSync("/etc", join(root, "to-etc"));
    symlinkSync("..", join(root, "in/up"));
    symlinkSync("loop", join(root, "loop"));
    expect([...(await walk({ content: true })).keys()]).toEqual([
      "",
      "in",
      "in/f",
      "in/up",
      "loop",
      "to-dir",
      "to-etc",
    ]);
  });

  test("walkTree() takes odd names: line feed, 255 bytes, not UTF-8", async () => {
    const names = [
      Buffer.from("line\nfeed"),
      Buffer.from("n".repeat(255)),
      Buffer.from([0xff, 0xfe, 0x80]),
      Buffer.from(" "),
      Buffer.from("..."),
    ];
    for (const name of names) writeFileSync(Buffer.concat([Buffer.from(`${root}/`), name]), "");
    const got: string[] = [];
    for await (const entry of walkTree(root)) got.push(Buffer.from(encodeName(entry.path)).toString("hex"));
    expect(got).toEqual(["", ...names.map((name) => name.toString("hex")).sort()]);
  });

  test("walkTree() tells fifos and sockets apart and does not open them", async () => {
    execFileSync("mkfifo", [join(root, "fifo")]);
    const server = createServer().listen(join(root, "socket"));
    await new Promise((resolve) => server.once("listening", resolve));
    const entries = await walk({ content: true });
    expect(entries.get("fifo")?.type).toBe("fifo");
    expect(entries.get("socket")?.type).toBe("socket");
    await new Promise((resolve) => server.close(resolve));
  });

  test.skipIf(!isRoot)("walkTree() tells devices (needs root)", async () => {
    execFileSync("mknod", [join(root, "null"), "c", "1", "3"]);
    execFileSync("mknod", [join(root, "disk"), "b", "259", "70000"]);
    execFileSync("mknod", [join(root, "whiteout"), "c", "0", "0"]);
    const entries = await walk({ content: true });
    expect(entries.get("null")).toMatchObject({ type: "character", device: { major: 1, minor: 3 } });
    expect(entries.get("disk")).toMatchObject({ type: "block", device: { major: 259, minor: 70000 } });
    expect(entries.get("whiteout")).toMatchObject({ type: "character", device: { major: 0, minor: 0 } });
  });

  test.skipIf(!isRoot)(
    "walkTree() reads extended attributes, also binary ones and those of directories and links (needs root)",
    async () => {
      writeFileSync(join(root, "file"), "x");
      symlinkSync("file", join(root, "link"));
      const set =
        "import os,sys; r=sys.argv[1].encode();" +
        "os.setxattr(r+b'/file',b'user.note',b'\\0\\xff value');" +
        "os.setxattr(r+b'/file',b'security.capability',bytes.fromhex('0100000200040000000000000000000000000000'));" +
        "os.setxattr(r+b'/file',b'user.empty',b'');" +
        "os.setxattr(r,b'trusted.overlay.opaque',b'y');" +
        "os.setxattr(r+b'/link',b'trusted.on-link',b'l',follow_symlinks=False)";
      execFileSync("python3", ["-c", set, root]);
      const entries = await walk({ xattrs: true });
      expect(entries.get("file")?.xattrs).toEqual(
        new Map([
          ["security.capability", Buffer.from("0100000200040000000000000000000000000000", "hex")],
          ["user.empty", Buffer.alloc(0)],
          ["user.note", Buffer.from("00ff2076616c7565", "hex")],
        ]),
      );
      expect(entries.get("")?.xattrs).toEqual(new Map([["trusted.overlay.opaque", Buffer.from("y")]]));
      expect(entries.get("link")?.xattrs).toEqual(new Map([["trusted.on-link", Buffer.from("l")]]));
      expect((await walk()).get("file")?.xattrs.size).toBe(0);
    },
  );

  test("walkTree() with content gives every byte, in order, read or not", async () => {
    const contents = new Map<string, Buffer>();
    for (const size of [0, 1, 65536, 262144, 262145, 3_000_000]) contents.set(`f${size}`, randomBytes(size));
    for (const [name, bytes] of contents) writeFileSync(join(root, name), bytes);
    for (const skipped of [0, 1, 2, 3]) {
      let index = 0;
      for await (const entry of walkTree(root, { content: true })) {
        if (entry.type !== "file" || index++ % 3 === skipped) continue;
        expect(await shaOf(entry)).toBe(sha(contents.get(entry.path) as Buffer));
      }
    }
  });

  test("walkTree() goes on behind a file whose reader stopped early", async () => {
    writeFileSync(join(root, "a"), randomBytes(2_000_000));
    writeFileSync(join(root, "b"), "bee");
    const seen: string[] = [];
    for await (const entry of walkTree(root, { content: true })) {
      for await (const chunk of entry.content()) {
        seen.push(`${entry.path} ${chunk.length > 0}`);
        break;
      }
    }
    expect(seen).toEqual(["a true", "b true"]);
  });

  test("walkTree() refuses content() when it was not asked for", async () => {
    writeFileSync(join(root, "a"), "x");
    for await (const entry of walkTree(root)) {
      if (entry.type === "file") await expect(shaOf(entry)).rejects.toMatchObject({ kind: "invalid" });
      else expect(await shaOf(entry)).toBe(sha(Buffer.alloc(0)));
    }
  });

  test("walkTree() leaves out what a file grew, and says conflict when it shrank", async () => {
    const big = randomBytes(8_000_000);
    for (const name of ["grows", "shrinks", "z"]) writeFileSync(join(root, name), name === "z" ? "z" : big);
    const results: string[] = [];
    for await (const entry of walkTree(root, { content: true })) {
      if (entry.type !== "file") continue;
      // The program is at most a few hundred kilobytes ahead of us.
      if (entry.path === "grows") await appendFile(join(root, entry.path), "more");
      if (entry.path === "shrinks") await truncate(join(root, entry.path), 4_000_000);
      const hash = await shaOf(entry).catch((error) => `${error.kind} ${error.code}`);
      results.push(`${entry.path} ${hash}`);
    }
    expect(results).toEqual([`grows ${sha(big)}`, "shrinks conflict stage.walk-changed", `z ${sha(Buffer.from("z"))}`]);
  });

  test("walkTree() stands a tree that changes under it", async () => {
    for (let index = 0; index < 2000; index++) mkdirSync(join(root, `d${index}/sub`), { recursive: true });
    const problems: string[] = [];
    let count = 0;
    for await (const entry of walkTree(root, { onProblem: (error) => void problems.push(error.message) })) {
      if (count++ === 10) rmSync(join(root, "d999"), { recursive: true });
      if (count === 10) rmSync(join(root, "d998"), { recursive: true });
      expect(entry.type).toBe("directory");
    }
    expect(count + problems.length).toBeGreaterThan(3990);
  });

  test("walkTree() walks 3000 directories deep", async () => {
    // Deeper than a path may be long: made and removed step by step.
    const script =
      "import os,sys\nos.chdir(sys.argv[1])\nfor i in range(3000):\n os.mkdir('deeper'); os.chdir('deeper')\nopen('bottom','w').close()";
    execFileSync("python3", ["-c", script, root]);
    let last = "";
    let count = 0;
    for await (const entry of walkTree(root, { content: true })) {
      count++;
      last = entry.path;
    }
    expect(count).toBe(3002);
    expect(last.endsWith("/deeper/bottom")).toBe(true);
    execFileSync("rm", ["-r", join(root, "deeper")]);
  });

  test("walkTree() stops at 4096 levels with a problem and shows the rest", async () => {
    const script = "import os,sys\nos.chdir(sys.argv[1])\nfor i in range(4200):\n os.mkdir('d'); os.chdir('d')";
    execFileSync("python3", ["-c", script, root]);
    writeFileSync(join(root, "z"), "");
    const problems: Error[] = [];
    let last = "";
    for await (const entry of walkTree(root, { onProblem: (error) => void problems.push(error) })) last = entry.path;
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toMatch(/ELOOP$/);
    expect(last).toBe("z");
    execFileSync("rm", ["-r", join(root, "d")]);
  });

  test("walkTree() takes a directory held open, also one whose name is a number", async () => {
    mkdirSync(join(root, "5"));
    writeFileSync(join(root, "5/in"), "");
    const file = await open(join(root, "5"));
    const names: string[] = [];
    for await (const entry of walkTree(file)) names.push(entry.path);
    await file.close();
    const before = process.cwd();
    process.chdir(root);
    for await (const entry of walkTree("5")) names.push(entry.path);
    process.chdir(before);
    expect(names).toEqual(["", "in", "", "in"]);
  });

  test("walkTree() says what is wrong with the root", async () => {
    writeFileSync(join(root, "file"), "");
    symlinkSync(root, join(root, "link"));
    const first = async (path: string) => walkTree(path).next();
    await expect(first(join(root, "none"))).rejects.toMatchObject({
      kind: "not-found",
      message: "walk: open the root: ENOENT",
    });
    await expect(first(join(root, "file"))).rejects.toMatchObject({ kind: "invalid" });
    await expect(first(join(root, "link"))).rejects.toMatchObject({ kind: "invalid" });
  });

  test.skipIf(!isRoot)(
    "walkTree() tells what it may not read and goes on (needs root to become somebody else)",
    async () => {
      for (const name of ["closed", "open"]) mkdirSync(join(root, name));
      writeFileSync(join(root, "secret"), "x");
      writeFileSync(join(root, "open/f"), "y");
      chmodSync(join(root, "closed"), 0o700);
      chmodSync(join(root, "secret"), 0o600);
      chmodSync(root, 0o755);
      const output = execFileSync("setpriv", [
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        walkPath(),
        "--content",
        root,
      ]);
      const { walkRecordDecoder, parseWalkProblem, walkRecords } = await import("./walk-records.ts");
      const records = walkRecordDecoder()(output);
      const problems = records
        .filter(({ type }) => type === walkRecords.problem)
        .map(({ payload }) => parseWalkProblem(payload));
      expect(problems.map(({ path, doing, errno }) => `${doing} ${path} ${errno}`)).toEqual([
        "enter the directory closed 13",
        "open secret 13",
      ]);
      expect(records.at(-1)?.type).toBe(walkRecords.end);
    },
  );

  test("walkTree() ends its program when the loop is left, and at an abort", async () => {
    for (let index = 0; index < 3000; index++) writeFileSync(join(root, `f${index}`), "x".repeat(1000));
    for await (const entry of walkTree(root, { content: true })) if (entry.path === "f1") break;
    const controller = new AbortController();
    const reading = (async () => {
      for await (const entry of walkTree(root, { content: true, signal: controller.signal }))
        if (entry.path === "f1") controller.abort();
    })();
    await expect(reading).rejects.toMatchObject({ kind: "cancelled" });
    await expect(walkTree(root, { signal: AbortSignal.abort() }).next()).rejects.toMatchObject({ kind: "cancelled" });
  });

  test("walkTree() says corrupt when its program is killed", async () => {
    for (let index = 0; index < 3000; index++) writeFileSync(join(root, `f${index}`), "x".repeat(2000));
    const work = (async () => {
      for await (const entry of walkTree(root, { content: true })) {
        if (entry.path !== "f1") continue;
        const pid = execFileSync("sh", ["-c", `cat /proc/${process.pid}/task/*/children`])
          .toString()
          .trim()
          .split(/\s+/);
        for (const one of pid) {
          const name = execFileSync("sh", ["-c", `cat /proc/${one}/comm 2>/dev/null || true`])
            .toString()
            .trim();
          if (name === "walk") process.kill(Number(one), "SIGKILL");
        }
      }
    })();
    await expect(work).rejects.toMatchObject({ kind: "corrupt" });
  });
});
