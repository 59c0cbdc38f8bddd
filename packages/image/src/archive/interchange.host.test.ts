import { execFile } from "node:child_process";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { makeBusyboxLayout, missingForHostTest } from "@galley/testing-images";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { convertImage } from "../convert/convert-image.ts";
import { copyImage } from "../copy/copy-image.ts";
import { createIndex } from "../indexes/edit-index.ts";
import { indexMembers } from "../indexes/index-members.ts";
import { openLayout } from "../layout/open-layout.ts";
import { createLayer } from "../make/create-layer.ts";
import { mutateImage } from "../mutate/mutate-image.ts";
import { parseChange } from "../mutate/parse-change.ts";
import { fileSpool, layoutFiles, openArchiveAt, openArchiveStream } from "../node/index.ts";
import { inPieces } from "../testing/streams.ts";
import { openImage } from "../view/open-image.ts";
import { writeDockerDirectory } from "./docker-directory.ts";
import { writeDockerArchive } from "./write-docker-archive.ts";
import { writeOciArchive } from "./write-oci-archive.ts";

const run = promisify(execFile);
const reason = missingForHostTest({ root: true, programs: ["skopeo", "umoci", "podman"] });

interface Inspected {
  readonly Digest: string;
  readonly Layers: readonly string[];
  readonly config: { readonly digest: string };
}

/** What skopeo says of an image: the raw manifest as it stands there. */
const inspect = async (reference: string, ...flags: string[]): Promise<Inspected> =>
  JSON.parse((await run("skopeo", ["inspect", ...flags, reference])).stdout);
const skopeo = (...words: string[]) => run("skopeo", ["copy", "--quiet", "--insecure-policy", ...words]);

describe.skipIf(reason)(`archives from and for other programs${reason ? ` (${reason})` : ""}`, () => {
  let folder = "";
  let layoutPath = "";
  const at = (name: string) => join(folder, name);
  const podman = (...words: string[]) =>
    run("podman", [
      "--root",
      at("podman"),
      "--runroot",
      at("run"),
      "--storage-driver",
      "vfs",
      "--events-backend",
      "none",
      ...words,
    ]);
  const layout = () => openLayout(layoutFiles(layoutPath));
  const save = (content: AsyncIterable<Uint8Array>, name: string) =>
    pipeline(Readable.from(content, { objectMode: false }), createWriteStream(at(name)));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "galley-interchange-"));
    layoutPath = at("layout");
    const more = [[{ name: "etc/motd", content: "ahoy\n" }]];
    await makeBusyboxLayout(layoutPath, { layers: more });
    await skopeo(`oci:${layoutPath}:latest`, `oci-archive:${at("base.tar")}:example.test/base:1`);
    if (!reason) await podman("load", "--quiet", "--input", at("base.tar"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.for(["docker-archive", "oci-archive", "dir"])("skopeo's %s is read, byte for byte", async (transport) => {
    const target = transport === "dir" ? at("from-skopeo") : at(`from-skopeo-${transport}.tar:example.test/app:1`);
    await skopeo(`oci:${layoutPath}:latest`, `${transport}:${target}`);
    await using archive = await openArchiveAt(target.replace(/:.*/, ""), { manifests: "oci" });
    const [image] = archive.images;
    expect(archive.format).toBe({ dir: "docker-dir" }[transport] ?? transport);
    expect(image?.references).toEqual(transport === "dir" ? [] : ["example.test/app:1"]);
    const copied = openLayout(layoutFiles(at(`copy-of-${transport}`)));
    await copied.tag("latest", await copyImage(image!.root, archive, copied));
    const before = await openImage(layout(), await layout().resolve("latest"));
    const after = await openImage(copied, await copied.resolve("latest"));
    expect(after.config.rootfs).toEqual(before.config.rootfs);
    if (transport !== "docker-archive") expect(after.descriptor.digest).toBe(before.descriptor.digest);
    expect((await inspect(`oci:${at(`copy-of-${transport}`)}:latest`)).Layers).toHaveLength(2);
  });

  test.for(["docker-archive", "oci-archive", "docker-dir", "oci-dir"])("podman's %s is read", async (format) => {
    const target = at(`from-podman-${format}`);
    await podman("tag", "example.test/base:1", "example.test/pod:1");
    await podman("save", "--quiet", "--format", format, "--output", target, "example.test/pod:1");
    await using archive = await openArchiveAt(target);
    expect(archive.format).toBe(format);
    const copied = openLayout(layoutFiles(`${target}-copy`));
    await copyImage(archive.images[0]!.root, archive, copied);
    const { config } = await openImage(archive, archive.images[0]!.root);
    expect(config.config?.Cmd).toEqual(["sh"]);
    if (format.endsWith("archive")) expect(archive.images[0]?.references).toEqual(["example.test/pod:1"]);
  });

  test("podman's archive of two images is read from a file and from a stream", async () => {
    await podman("tag", "example.test/base:1", "example.test/one:1");
    await podman("tag", "example.test/base:1", "example.test/two:2");
    const target = at("two.tar");
    await podman(
      "save",
      "--quiet",
      "--multi-image-archive",
      "--output",
      target,
      "example.test/one:1",
      "example.test/two:2",
    );
    await using file = await openArchiveAt(target);
    await using stream = await openArchiveStream(createReadStream(target));
    expect(file.images.flatMap(({ references }) => references).sort()).toEqual(
      expect.arrayContaining(["example.test/one:1", "example.test/two:2"]),
    );
    expect(stream.images).toEqual(file.images);
  });

  test("our docker archive is loaded by podman and skopeo", async () => {
    const root = await layout().resolve("latest");
    const images = [{ root, from: layout(), references: ["example.test/ours:1", "example.test/ours:2"] }];
    await save(writeDockerArchive(images), "ours.tar");
    const { configDescriptor } = await openImage(layout(), root);
    const loaded = (await podman("load", "--quiet", "--input", at("ours.tar"))).stdout;
    expect(loaded).toContain("example.test/ours:1");
    expect((await podman("image", "inspect", "--format", "{{.Id}}", "example.test/ours:2")).stdout.trim()).toBe(
      configDescriptor.digest.slice(7),
    );
    const raw = await inspect(`docker-archive:${at("ours.tar")}:example.test/ours:1`, "--raw");
    expect(raw.config.digest).toBe(configDescriptor.digest);
    const layers = await podman("image", "inspect", "--format", "{{json .RootFS.Layers}}", "example.test/ours:1");
    expect(JSON.parse(layers.stdout)).toEqual((await openImage(layout(), root)).config.rootfs.diff_ids);
  });

  test("our OCI archive is loaded by podman and skopeo, with the digest it has", async () => {
    const root = await layout().resolve("latest");
    const { annotations: _, ...bare } = root;
    await save(writeOciArchive([{ root: bare, from: layout(), references: ["example.test/oci:1"] }]), "oci.tar");
    expect((await podman("load", "--quiet", "--input", at("oci.tar"))).stdout).toContain("example.test/oci:1");
    const { Digest } = await inspect(`oci-archive:${at("oci.tar")}:example.test/oci:1`);
    expect(Digest).toBe(root.digest);
  });

  test("our directory is read by skopeo and podman", async () => {
    const root = await layout().resolve("latest");
    await writeDockerDirectory(root, layout(), { files: layoutFiles(at("dir")) });
    expect((await inspect(`dir:${at("dir")}`)).Digest).toBe(root.digest);
    const names = await readdir(at("dir"));
    await skopeo(`oci:${layoutPath}:latest`, `dir:${at("their-dir")}`);
    expect(names.sort()).toEqual((await readdir(at("their-dir"))).sort());
    for (const name of names)
      expect(await readFile(join(at("dir"), name))).toEqual(await readFile(join(at("their-dir"), name)));
  });

  test.for([
    ["schema2", "gzip", "v2s2"],
    ["schema2", "none", "v2s2"],
    ["oci", "zstd", "oci"],
    ["oci", "none", "oci"],
  ] as const)("an image converted to %s with %s is accepted by skopeo", async ([to, compression, format]) => {
    await using files = fileSpool();
    const root = await layout().resolve("latest");
    const made = await convertImage(root, layout(), { to, compression, spool: files.spool });
    const path = at(`converted-${to}-${compression}`);
    await writeDockerDirectory(made.root, made.content, { files: layoutFiles(path) });
    await skopeo(`dir:${path}`, "--format", format, `dir:${path}-copy`);
    const [mine, theirs] = [await inspect(`dir:${path}`, "--raw"), await inspect(`dir:${path}-copy`, "--raw")];
    expect(theirs).toEqual(mine);
  });

  test("skopeo's conversion to schema 2 and ours have the same digest", async () => {
    const root = await layout().resolve("latest");
    await skopeo("--format", "v2s2", `oci:${layoutPath}:latest`, `dir:${at("v2s2")}`);
    const ours = await convertImage(root, layout(), { to: "schema2" });
    const theirs = await inspect(`dir:${at("v2s2")}`, "--raw");
    const path = at("our-v2s2");
    await writeDockerDirectory(ours.root, ours.content, { files: layoutFiles(path) });
    expect(await inspect(`dir:${path}`, "--raw")).toEqual(theirs);
  });

  test("a whole index is converted to the same list as skopeo makes of it", async () => {
    await makeBusyboxLayout(at("several"), { architectures: ["amd64", "arm64"] });
    await skopeo("--all", "--format", "v2s2", `oci:${at("several")}:latest`, `dir:${at("several-v2s2")}`);
    const from = openLayout(layoutFiles(at("several")));
    const ours = await convertImage(await from.resolve("latest"), from, { all: true, to: "schema2" });
    await writeDockerDirectory(ours.root, ours.content, { files: layoutFiles(at("our-list")), options: { all: true } });
    const members = async (name: string) =>
      (
        (await inspect(`dir:${at(name)}`, "--raw")) as unknown as { manifests: { digest: string; platform: object }[] }
      ).manifests.map(({ digest, platform }) => [digest, platform]);
    expect(await members("our-list")).toEqual(await members("several-v2s2"));
    expect((await readdir(at("our-list"))).length).toBe((await readdir(at("several-v2s2"))).length);
    await skopeo("--all", `dir:${at("our-list")}`, `oci:${at("list-back")}:latest`);
  });

  test("an index of ours is read by skopeo, every platform of it", async () => {
    const from = layout();
    const members = await indexMembers(await from.resolve("latest"), from);
    const { descriptor, bytes } = createIndex({ manifests: members, annotations: { made: "here" } });
    await from.push(descriptor, inPieces(bytes));
    await from.tag("index", descriptor);
    await skopeo("--all", `oci:${layoutPath}:index`, `oci:${at("index-copy")}:index`);
    const copy = openLayout(layoutFiles(at("index-copy")));
    expect((await copy.resolve("index")).digest).toBe(descriptor.digest);
  });

  test("layers squashed into one hold what umoci unpacks from all", async () => {
    const root = await layout().resolve("latest");
    const tar = () =>
      createLayer([
        { path: "etc/.wh.motd", type: "file" },
        { path: "new", type: "file", content: "new" },
      ]);
    for (const squash of [false, true]) {
      const name = squash ? "squashed" : "stacked";
      const to = openLayout(layoutFiles(at(name)));
      const made = await mutateImage(root, layout(), { appendLayers: [{ tar }], squash });
      await to.tag("latest", await copyImage(made.descriptor, made.content, to));
      await run("umoci", ["unpack", "--image", `${at(name)}:latest`, at(`${name}-bundle`)]);
    }
    await run("diff", ["-r", "--no-dereference", at("stacked-bundle/rootfs"), at("squashed-bundle/rootfs")]);
  });

  test("a mutated image is unpacked by umoci", async () => {
    const to = openLayout(layoutFiles(at("mutated")));
    const root = await layout().resolve("latest");
    const tar = createLayer([{ path: "hello", type: "file", mode: 0o755, content: "#!/bin/sh\necho mutated\n" }]);
    const made = await mutateImage(root, layout(), {
      appendLayers: [{ tar, compression: "gzip", history: { created_by: "test" } }],
      changes: [parseChange('ENTRYPOINT ["/hello"]'), parseChange("CMD []")],
    });
    await to.tag("latest", await copyImage(made.descriptor, made.content, to));
    await run("umoci", ["unpack", "--image", `${at("mutated")}:latest`, at("bundle")]);
    expect(await readFile(join(at("bundle"), "rootfs/hello"), "utf8")).toContain("echo mutated");
    const spec = JSON.parse(await readFile(join(at("bundle"), "config.json"), "utf8"));
    expect(spec.process.args).toEqual(["/hello"]);
  });

  test("umoci's layout is read after umoci changed it", async () => {
    await run("cp", ["-a", layoutPath, at("umoci")]);
    await run("umoci", [
      "config",
      "--image",
      `${at("umoci")}:latest`,
      "--config.user",
      "1000:1000",
      "--tag",
      "changed",
    ]);
    await using archive = await openArchiveAt(at("umoci"));
    expect(archive.format).toBe("oci-dir");
    const changed = archive.images.find(({ references }) => references.includes("changed"));
    const { config } = await openImage(archive, changed!.root);
    expect(config.config?.User).toBe("1000:1000");
  });
});
