import { mkdir, mkdtemp, readdir, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { digestOf } from "@galley/spec";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeDockerDirectory } from "../archive/docker-directory.ts";
import { writeDockerArchive } from "../archive/write-docker-archive.ts";
import { writeOciArchive } from "../archive/write-oci-archive.ts";
import { memoryContent } from "../content/memory-content.ts";
import { copyImage } from "../copy/copy-image.ts";
import { openLayout } from "../layout/open-layout.ts";
import { createImage } from "../make/create-image.ts";
import { createLayer } from "../make/create-layer.ts";
import { collect, inPieces } from "../testing/streams.ts";
import { fileSpool, layoutFiles, openArchiveAt, openArchiveStream, openByteFile } from "./index.ts";

let folder = "";
const at = (name: string) => join(folder, name);
const image = await createImage({
  layers: [{ tar: createLayer([{ path: "a", type: "file", content: "x".repeat(2_000_000) }]), compression: "none" }],
});
const images = [{ root: image.descriptor, from: image.content, references: ["app:1"] }];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "galley-archives-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("openArchiveAt()", () => {
  test("opens every form, in place or from the spool, and leaves nothing in it", async () => {
    const [oci, docker] = [await collect(writeOciArchive(images)), await collect(writeDockerArchive(images))];
    const forms = { oci, docker, "oci.gz": gzipSync(oci), "docker.zst": zstdCompressSync(docker) };
    const spoolPath = at("spool");
    await mkdir(spoolPath);
    for (const [name, bytes] of Object.entries(forms)) {
      await writeFile(at(name), bytes);
      for (const open of [
        () => openArchiveAt(at(name), { spoolPath }),
        () => openArchiveStream(inPieces(bytes, 5000), { spoolPath }),
      ]) {
        await using archive = await open();
        expect(archive.format).toBe(`${name.split(".")[0]}-archive`);
        expect(archive.images[0]?.references).toEqual(["app:1"]);
        await copyImage(archive.images[0]!.root, archive, memoryContent());
        expect(await readdir(spoolPath)).toEqual([]);
      }
    }
  });

  test("opens directories: a layout, skopeo's, an unpacked docker archive", async () => {
    const layout = openLayout(layoutFiles(at("layout")));
    await layout.tag("latest", await copyImage(image.descriptor, image.content, layout));
    await writeDockerDirectory(image.descriptor, image.content, { files: layoutFiles(at("dir")) });
    await using one = await openArchiveAt(at("layout"));
    await using two = await openArchiveAt(at("dir"));
    expect([one.format, two.format]).toEqual(["oci-dir", "docker-dir"]);
    for (const { images: found, fetch } of [one, two]) {
      expect(found[0]?.root.digest).toBe(image.descriptor.digest);
      await copyImage(found[0]!.root, { fetch }, memoryContent());
    }
    expect((await readdir(at("dir"))).filter((name) => name.length < 64).sort()).toEqual(["manifest.json", "version"]);
  });

  test.for<[string, () => Promise<unknown>, string]>([
    ["what is not there", () => openArchiveAt(at("nothing")), "image.no-file"],
    ["an empty directory", () => mkdir(at("empty")).then(() => openArchiveAt(at("empty"))), "image.not-an-archive"],
    ["a device", () => openArchiveAt("/dev/null"), "image.not-a-file"],
    ["an empty stream", () => openArchiveStream(inPieces(Buffer.alloc(0))), "image.not-an-archive"],
    [
      "xz in a stream",
      () => openArchiveStream(inPieces(Buffer.from("fd377a585a000000", "hex"))),
      "image.archive-compression",
    ],
    [
      "a spool that is not there",
      () => openArchiveStream(inPieces(Buffer.from("x")), { spoolPath: at("no") }),
      "image.no-file",
    ],
    [
      "a cut gzip stream",
      () => openArchiveStream(inPieces(gzipSync(Buffer.alloc(9999)).subarray(0, 30))),
      "image.truncated",
    ],
    [
      "a stream beyond the ratio",
      () =>
        openArchiveStream(inPieces(zstdCompressSync(Buffer.alloc(9_000_000))), {
          maxExpansion: { ratio: 10, floorBytes: 1000 },
        }),
      "image.expansion",
    ],
  ])("refuses %s", async ([, open, code]) => {
    await expect(open()).rejects.toMatchObject({ code });
  });

  test("stops when it is told to, and passes on what the stream throws", async () => {
    const signal = AbortSignal.abort();
    await expect(openArchiveStream(inPieces(Buffer.alloc(9)), { signal })).rejects.toMatchObject({ kind: "cancelled" });
    const broken = (async function* () {
      yield Buffer.alloc(9);
      throw new Error("the pipe broke");
    })();
    await expect(openArchiveStream(broken)).rejects.toThrow("the pipe broke");
  });
});

describe("layoutFiles()", () => {
  test("writes whole or not at all", async () => {
    const files = layoutFiles(at("files"));
    expect(await files.size("a/b")).toBeUndefined();
    await files.write("a/b", inPieces(Buffer.from("12345"), 2));
    expect([await files.size("a/b"), Buffer.from(await collect(files.read("a/b", 2))).toString()]).toEqual([5, "345"]);
    const broken = (async function* () {
      yield Buffer.from("9");
      throw new Error("no more");
    })();
    await expect(files.write("a/b", broken)).rejects.toThrow("no more");
    expect([await files.size("a/b"), await readdir(at("files/a"))]).toEqual([5, ["b"]]);
    await expect(collect(files.read("none", 0))).rejects.toMatchObject({ kind: "not-found" });
  });

  test.for(["../x", "a/../../x", "/etc/passwd", "a//b", "", "a\0b"])("refuses %j", async (name) => {
    const files = layoutFiles(at("files"));
    await expect((async () => files.size(name))()).rejects.toMatchObject({ code: "image.file-name" });
  });

  test("finds a blob that another one lies under the name of", async () => {
    const files = layoutFiles(at("swapped"));
    const layout = openLayout(files);
    await copyImage(image.descriptor, image.content, layout);
    await files.write(`blobs/sha256/${image.layers[0]!.digest.slice(7)}`, inPieces(Buffer.alloc(10)));
    await expect(copyImage(image.descriptor, layout, memoryContent())).rejects.toMatchObject({ code: "image.size" });
  });
});

test("openByteFile() tells when a file became shorter, and follows links", async () => {
  await writeFile(at("long"), Buffer.alloc(1000));
  await symlink("long", at("link"));
  await using file = await openByteFile(at("link"));
  expect(digestOf(await collect(file.read(0, 1000)))).toBe(digestOf(Buffer.alloc(1000)));
  await truncate(at("long"), 10);
  await expect(collect(file.read(0, 1000))).rejects.toMatchObject({ code: "image.truncated" });
});

test("fileSpool() bounds what it keeps, and is gone when disposed", async () => {
  const files = fileSpool({ hostPath: folder, maxBytes: 10 });
  await expect(files.spool(inPieces(Buffer.alloc(11)))).rejects.toMatchObject({ code: "image.too-large" });
  const kept = await files.spool(inPieces(Buffer.from("0123456789"), 3));
  expect(Buffer.from(await collect(kept.read(4, 3))).toString()).toBe("456");
  await files[Symbol.asyncDispose]();
  await expect(collect(kept.read(0, 1))).rejects.toThrow();
});
