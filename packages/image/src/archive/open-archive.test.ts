import { gzipSync, zstdCompressSync } from "node:zlib";
import { type ForgedEntry, forge } from "@galley/conformance";
import { digestOf, type GalleyError, isGalleyError, mediaTypes } from "@galley/spec";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { memoryContent } from "../content/memory-content.ts";
import { copyImage } from "../copy/copy-image.ts";
import { createImage } from "../make/create-image.ts";
import { createLayer } from "../make/create-layer.ts";
import { collect } from "../testing/streams.ts";
import { openImage } from "../view/open-image.ts";
import { bufferFile } from "./byte-file.ts";
import { openArchive } from "./open-archive.ts";
import { writeDockerArchive } from "./write-docker-archive.ts";
import { writeOciArchive } from "./write-oci-archive.ts";

const image = (text: string, docker = false) =>
  createImage({
    layers: [
      { tar: createLayer([{ path: "a", type: "file", content: text }]) },
      { tar: createLayer([{ path: "b", type: "file", content: "same" }]), compression: docker ? "gzip" : "zstd" },
    ],
    platform: { os: "linux", architecture: "amd64" },
    annotations: docker ? undefined : { note: "kept" },
    docker,
  });
const platform = { os: "linux", architecture: "amd64" };
const open = (bytes: Uint8Array) => openArchive(bufferFile(bytes));
const spool = async (content: AsyncIterable<Uint8Array>) => bufferFile(await collect(content));

describe("writeOciArchive()", () => {
  test("is read back with all images and names, whatever the compression", async () => {
    const [one, two] = [await image("one"), await image("two")];
    const archive = await collect(
      writeOciArchive([
        { root: one.descriptor, from: one.content, references: ["latest", "example.test/one:1"] },
        { root: two.descriptor, from: two.content },
      ]),
    );
    for (const bytes of [archive, gzipSync(archive), zstdCompressSync(archive)]) {
      const opened = await openArchive(bufferFile(bytes), { spool });
      expect(opened.format).toBe("oci-archive");
      expect(opened.images.map(({ root, references }) => [root.digest, references])).toEqual([
        [one.descriptor.digest, ["latest", "example.test/one:1"]],
        [two.descriptor.digest, []],
      ]);
      const to = memoryContent();
      await copyImage(opened.images[0]?.root ?? one.descriptor, opened, to);
      expect(to.blobs).toEqual(one.content.blobs);
    }
  });

  test("gives the same bytes every time, and each shared blob once", async () => {
    const make = async () => {
      const [one, two] = [await image("one"), await image("two")];
      return collect(
        writeOciArchive([
          { root: one.descriptor, from: one.content },
          { root: two.descriptor, from: two.content },
        ]),
      );
    };
    const archive = await make();
    expect(await make()).toEqual(archive);
    const shared = (await image("one")).layers[1]?.digest.slice(7) ?? "";
    expect(Buffer.from(archive).toString("latin1").split(`blobs/sha256/${shared}`)).toHaveLength(2);
  });
});

describe("writeDockerArchive()", () => {
  test("is read back with configurations byte for byte and layers by their diff ids", async () => {
    const [one, two] = [await image("one"), await image("two", true)];
    const write = () =>
      collect(
        writeDockerArchive([
          { root: one.descriptor, from: one.content, references: ["example.test/one:1"] },
          { root: two.descriptor, from: two.content, references: ["two:2"] },
          { root: one.descriptor, from: one.content, references: ["example.test/one:2"] },
        ]),
      );
    const archive = await write();
    expect(await write()).toEqual(archive);
    const opened = await open(archive);
    expect(opened.format).toBe("docker-archive");
    expect(opened.images.map(({ references }) => references)).toEqual([
      ["example.test/one:1", "example.test/one:2"],
      ["two:2"],
    ]);
    for (const [index, { root }] of opened.images.entries()) {
      const view = await openImage(opened, root, { platform });
      const original = await openImage((index === 0 ? one : two).content, (index === 0 ? one : two).descriptor);
      expect(view.configDescriptor.digest).toBe(original.configDescriptor.digest);
      expect(view.layers.map(({ descriptor }) => descriptor.digest)).toEqual(
        original.layers.map(({ diffId }) => diffId),
      );
      await copyImage(root, opened, memoryContent());
    }
  });

  test("asks for the size of a layer and finds a wrong answer", async () => {
    const one = await image("one");
    const asked: string[] = [];
    const right = await collect(
      writeDockerArchive([{ root: one.descriptor, from: one.content }], {
        layerBytes: ({ diffId }) => void asked.push(diffId),
      }),
    );
    expect(asked).toHaveLength(2);
    const images = [{ root: one.descriptor, from: one.content }];
    expect(await collect(writeDockerArchive(images, { layerBytes: () => 2048 }))).toEqual(right);
    for (const bytes of [1, 4096])
      await expect(collect(writeDockerArchive(images, { layerBytes: () => bytes }))).rejects.toMatchObject({
        code: "image.size",
      });
  });
});

/** A docker archive of literal entries, one layer of two empty blocks unless given. */
async function dockerArchive(entries: readonly ForgedEntry[], layers: readonly string[], more: object = {}) {
  const tar = Buffer.alloc(1024);
  const config = JSON.stringify({
    os: "linux",
    architecture: "amd64",
    rootfs: { type: "layers", diff_ids: layers.map(() => digestOf(tar)) },
  });
  const manifest = JSON.stringify([{ Config: "any/name.txt", RepoTags: ["a:1"], Layers: layers, ...more }]);
  return forge(...entries, { name: "any/name.txt", content: config }, { name: "manifest.json", content: manifest });
}
const tar = Buffer.alloc(1024);

describe("openArchive()", () => {
  test.for<[string, ForgedEntry[], string]>([
    ["a legacy directory", [{ name: "id/layer.tar", content: tar }], "id/layer.tar"],
    [
      "a symbolic link",
      [
        { name: "id/layer.tar", flag: "2", linkName: "../x.tar" },
        { name: "x.tar", content: tar },
      ],
      "id/layer.tar",
    ],
    [
      "a hard link",
      [
        { name: "./x.tar", content: tar },
        { name: "./id/layer.tar", flag: "1", linkName: "./x.tar" },
      ],
      "id/layer.tar",
    ],
    ["gzip", [{ name: "x.tar.gz", content: gzipSync(tar) }], "x.tar.gz"],
    ["zstd", [{ name: "x", content: zstdCompressSync(tar) }], "./x"],
    [
      "a long pax name",
      [{ pax: { path: `${"d/".repeat(80)}layer.tar` }, content: tar }],
      `${"d/".repeat(80)}layer.tar`,
    ],
  ])("reads a docker archive's layer from %s", async ([, entries, name]) => {
    const opened = await open(await dockerArchive([...entries, { name: "repositories", content: "{}" }], [name]));
    const [only] = opened.images;
    expect(only?.references).toEqual(["a:1"]);
    const { layers } = await openImage(opened, only!.root);
    expect(layers[0]?.descriptor).toEqual({
      mediaType: mediaTypes.dockerLayerTar,
      digest: digestOf(tar),
      size: tar.length,
    });
    expect(await collect(await opened.fetch(layers[0]!.descriptor, { offsetBytes: 1000 }))).toEqual(tar.subarray(1000));
    await copyImage(only!.root, opened, memoryContent());
  });

  test("writes the missing manifests in the family that is asked for, the same every time", async () => {
    const bytes = await dockerArchive([{ name: "x", content: tar }], ["x"]);
    const oci = await openArchive(bufferFile(bytes), { manifests: "oci" });
    expect(oci.images[0]?.root.mediaType).toBe(mediaTypes.imageManifest);
    expect((await openImage(oci, oci.images[0]!.root)).layers[0]?.descriptor.mediaType).toBe(mediaTypes.layerTar);
    expect((await open(bytes)).images).toEqual((await open(bytes)).images);
  });

  test("takes an archive that is both for OCI, with the names of manifest.json", async () => {
    const one = await image("one");
    const oci = await collect(writeOciArchive([{ root: one.descriptor, from: one.content, references: ["latest"] }]));
    const config = `blobs/${one.configDescriptor.digest.replace(":", "/")}`;
    const both = Buffer.concat([
      oci.subarray(0, -1024),
      forge({
        name: "manifest.json",
        content: JSON.stringify([{ Config: config, RepoTags: ["one:latest"], Layers: [] }]),
      }),
    ]);
    const opened = await open(both);
    expect(opened).toMatchObject({ format: "oci-archive", images: [{ references: ["one:latest"] }] });
    expect(opened.images[0]?.root.digest).toBe(one.descriptor.digest);
  });

  test.for<[string, Uint8Array | Promise<Uint8Array>, string]>([
    ["nothing", Buffer.alloc(0), "image.not-an-archive"],
    ["text", Buffer.from("hello".repeat(500)), "image.not-an-archive"],
    ["an empty archive", Buffer.alloc(10_240), "image.not-an-archive"],
    ["some archive", forge({ name: "etc/passwd", content: "x" }), "image.not-an-archive"],
    [
      "a marker alone",
      forge({ name: "oci-layout", content: '{"imageLayoutVersion":"1.0.0"}' }),
      "image.not-an-archive",
    ],
    ["xz", Buffer.from("fd377a585a0000000000", "hex"), "image.archive-compression"],
    ["bzip2", Buffer.from("BZh91AY&SY...."), "image.archive-compression"],
    ["gzip without a spool", gzipSync("x"), "image.archive-compression"],
    ["Docker's oldest", forge({ name: "repositories", content: "{}" }), "image.docker-legacy"],
    ["manifest.json that is no JSON", forge({ name: "manifest.json", content: "{" }), "image.docker-archive"],
    ["manifest.json that is no list", forge({ name: "manifest.json", content: "{}" }), "image.docker-archive"],
    ["an image without Config", forge({ name: "manifest.json", content: "[{}]" }), "image.docker-archive"],
    ["null for an image", forge({ name: "manifest.json", content: "[null]" }), "image.docker-archive"],
    ["Layers of numbers", dockerArchive([], [], { Layers: [1] }), "image.docker-archive"],
    ["a missing configuration", forge({ name: "manifest.json", content: '[{"Config":"x"}]' }), "image.no-entry"],
    [
      "a configuration outside",
      forge({ name: "manifest.json", content: '[{"Config":"../../etc/passwd"}]' }),
      "image.no-entry",
    ],
    ["a missing layer", dockerArchive([], ["x"]), "image.no-entry"],
    ["too few layers", dockerArchive([{ name: "x", content: tar }], ["x"], { Layers: [] }), "image.layer-count"],
    ["a link to itself", dockerArchive([{ name: "x", flag: "2", linkName: "x" }], ["x"]), "image.tar"],
    [
      "a link outside",
      dockerArchive([{ name: "x", flag: "2", linkName: "../../../etc/passwd" }], ["x"]),
      "image.no-entry",
    ],
    ["two manifest.json", forge({ name: "manifest.json" }, { name: "./manifest.json" }), "image.tar"],
    ["a huge manifest.json", forge({ name: "manifest.json", content: Buffer.alloc(4_200_000) }), "image.too-large"],
    [
      "a cut layer",
      dockerArchive([{ name: "x", content: tar }], ["x"]).then((all) => all.subarray(0, 700)),
      "image.truncated",
    ],
    ["a size beyond the end", forge({ name: "a", size: 2 ** 32 }), "image.truncated"],
    ["a damaged header later on", dockerArchive([{ name: "x" }, { name: "y", checksum: "0" }], ["x"]), "image.tar"],
    [
      "a huge extended header",
      forge({ name: "a" }, { flag: "x", size: 2 ** 21, content: Buffer.alloc(2 ** 21) }),
      "image.tar",
    ],
    ["a sparse file", dockerArchive([{ name: "x", flag: "S", content: tar }], ["x"]), "image.sparse-blob"],
    [
      "a version to come",
      forge(
        { name: "oci-layout", content: '{"imageLayoutVersion":"2.0.0"}' },
        { name: "index.json", content: '{"schemaVersion":2,"manifests":[]}' },
      ),
      "spec.layout-version",
    ],
    [
      "a damaged gzip layer",
      dockerArchive([{ name: "x", content: gzipSync(tar).subarray(0, 20) }], ["x"]),
      "image.truncated",
    ],
  ])("refuses %s", async ([, bytes, code]) => {
    await expect(open(await bytes)).rejects.toMatchObject({ code });
  });

  test("says what is wrong with damaged archives in words of its own, whatever the damage", async () => {
    const one = await image("one");
    const images = [{ root: one.descriptor, from: one.content, references: ["a:1"] }];
    const whole = [await collect(writeOciArchive(images)), await collect(writeDockerArchive(images))];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...whole),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.nat(),
        async (archive, damages, cut) => {
          const bytes = Buffer.from(archive.subarray(0, archive.length - (cut % 3 === 0 ? cut % archive.length : 0)));
          for (const [at, value] of damages) bytes[at % Math.max(1, bytes.length)] = value;
          try {
            const opened = await openArchive(bufferFile(bytes), { spool });
            for (const { root } of opened.images) await copyImage(root, opened, memoryContent(), { platform });
          } catch (error) {
            expect(isGalleyError(error), String(error)).toBe(true);
            expect((error as GalleyError).kind, String(error)).not.toBe("internal");
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  test("finds a layer that is another one when it is copied", async () => {
    const opened = await open(await dockerArchive([{ name: "x", content: Buffer.alloc(1024, 1) }], ["x"]));
    await expect(copyImage(opened.images[0]!.root, opened, memoryContent())).rejects.toMatchObject({
      code: "image.digest",
    });
  });
});
