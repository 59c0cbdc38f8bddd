import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type RunningRegistry, startDebianRegistry } from "@galley/testing-images";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GalleyHome, makeHome } from "../galley-home.ts";
import { missingForBlackBox, named } from "../galley-program.ts";
import { type PodmanHome, podmanHome } from "../podman-home.ts";
import { listTree, type TreeListing, treeDifferences } from "../tree-listing.ts";
import { keepsManifest, type Medium, makePlace, media, type Place } from "./media.ts";
import { describeImage, kindName, makeSample, type Sample, type SampleKind, sampleKinds, sha256 } from "./sample.ts";

const run = promisify(execFile);
const reason = missingForBlackBox(["podman", "umoci", "getfattr"]);
const singles = sampleKinds.filter(({ many }) => !many);

/** Every kind on every medium. */
function table(kinds: readonly SampleKind[]): [string, Medium, SampleKind][] {
  return kinds.flatMap((kind) => media.map((medium): [string, Medium, SampleKind] => [kindName(kind), medium, kind]));
}

/** What Debian's skopeo and podman can write: they refuse to decompress zstd for a docker archive. */
function byOthers(kinds: readonly SampleKind[]): [string, Medium, SampleKind][] {
  return table(kinds).filter(([, medium, { compression }]) => medium !== "docker-archive" || compression !== "zstd");
}

describe.skipIf(reason !== undefined)(named("images go to and fro between programs", reason), () => {
  const stack = new AsyncDisposableStack();
  const samples = new Map<string, Sample>();
  let folder: string;
  let registry: RunningRegistry;
  let podman: PodmanHome;
  let home: GalleyHome;
  let tree: TreeListing;

  const sampleOf = (kind: SampleKind): Sample => samples.get(kindName(kind)) as Sample;
  const place = (medium: Medium): Place => makePlace(medium, { folder, registry: registry.address });

  const skopeo = async (verb: string, flags: readonly string[], ...places: string[]): Promise<string> => {
    const tls =
      verb === "copy" ? ["--src-tls-verify=false", "--dest-tls-verify=false", "--quiet"] : ["--tls-verify=false"];
    const words = ["--insecure-policy", verb, ...tls, ...flags, ...places];
    return (await run("skopeo", words, { encoding: "latin1" })).stdout;
  };

  beforeAll(async () => {
    // Podman makes names of paths, so they must be lower-case.
    folder = join(tmpdir(), `galley-interchange-${randomBytes(6).toString("hex")}`);
    await mkdir(folder);
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    registry = stack.use(await startDebianRegistry());
    podman = stack.use(await podmanHome(folder));
    home = stack.use(await makeHome());
    for (const kind of sampleKinds) samples.set(kindName(kind), await makeSample(registry.address, kind));
    await skopeo("copy", [], `docker://${sampleOf(singles[0] as SampleKind).name}`, `oci:${folder}/first:1`);
    tree = await unpackedByUmoci(`${folder}/first:1`);
  }, 120_000);
  afterAll(() => stack.disposeAsync(), 60_000);

  /** The tree that umoci makes of an image. */
  async function unpackedByUmoci(image: string): Promise<TreeListing> {
    const bundle = await mkdtemp(join(folder, "bundle-"));
    await rm(bundle, { recursive: true });
    await run("umoci", ["unpack", "--image", image, bundle]);
    return withoutRoot(listTree(join(bundle, "rootfs")));
  }

  /** The tree that Galley's layers make, stacked here. */
  async function treeInGalley(image: string): Promise<TreeListing> {
    const [{ GraphDriver: driver }] = JSON.parse(await home.ok("image", "inspect", image));
    const target = await mkdtemp(join(folder, "tree-"));
    const lower = [driver.Data.UpperDir, driver.Data.LowerDir].filter(Boolean).join(":");
    await run("mount", ["-t", "overlay", "overlay", "-o", `ro,lowerdir=${lower}`, target]);
    try {
      return withoutRoot(listTree(target));
    } finally {
      await run("umount", [target]);
    }
  }

  /** The digest of the configuration as others have written it: they write it anew from schema 2 to OCI. */
  async function configOn({ text }: Place): Promise<string> {
    return sha256(Buffer.from(await skopeo("inspect", ["--config", "--raw"], text), "latin1"));
  }

  /** Takes an image in and tells its id. Names that an image had before may move. */
  async function intoGalley({ medium, text, path }: Place): Promise<string> {
    const archive = medium === "oci-archive" || medium === "docker-archive";
    if (!archive) return home.ok("pull", "-q", "--tls-verify=false", text);
    const out = await home.ok("load", "-q", "-i", path);
    const [name = ""] = out.split("\n");
    return JSON.parse(await home.ok("image", "inspect", name.replace(/^Loaded image: /, "")))[0].Id;
  }

  /** What must hold of an image in the store, wherever it came from. */
  async function expectInGalley(id: string, sample: Omit<Sample, "name">, manifestDigest?: string): Promise<void> {
    const [found] = JSON.parse(await home.ok("image", "inspect", id));
    expect(`sha256:${id}`).toBe(sample.configDigest);
    expect(found.RootFS.Layers).toEqual(sample.diffIds);
    if (manifestDigest !== undefined) expect(found.Digest).toBe(manifestDigest);
    expect(treeDifferences(tree, await treeInGalley(id))).toEqual([]);
    await home.ok("rmi", "-f", id);
  }

  test.each(byOthers(sampleKinds))("skopeo gives %s to galley on a medium of type %s", async (_, medium, kind) => {
    const sample = sampleOf(kind);
    const to = place(medium);
    const all = kind.many && medium !== "docker-archive" ? ["--all"] : [];
    const same = keepsManifest(medium, kind.family) ? ["--preserve-digests"] : [];
    await skopeo("copy", [...all, ...same], `docker://${sample.name}`, to.text);
    const id = await intoGalley(to);
    const configDigest = await configOn(to);
    await expectInGalley(
      id,
      { ...sample, configDigest },
      keepsManifest(medium, kind.family) ? sample.manifestDigest : undefined,
    );
  });

  test.each(byOthers(singles))("podman gives %s to galley on a medium of type %s", async (_, medium, kind) => {
    const sample = sampleOf(kind);
    await podman.ok("pull", "-q", "--tls-verify=false", sample.name);
    const to = place(medium);
    await podman.ok("push", "-q", "--tls-verify=false", sample.name, to.text);
    await expectInGalley(await intoGalley(to), { ...sample, configDigest: await configOn(to) });
  });

  test.each([
    ["docker-archive", "docker-archive"],
    ["oci-archive", "oci-archive"],
    ["docker-dir", "dir"],
    ["oci-dir", "oci"],
  ] as const)("podman save --format %s is loaded by galley load, also from a pipe", async (format, medium) => {
    const sample = sampleOf(singles[0] as SampleKind);
    await podman.ok("pull", "-q", "--tls-verify=false", sample.name);
    const { path } = place(medium);
    await podman.ok("save", "-q", "--format", format, "-o", path, sample.name);
    const loaded = await home.ok("load", "-q", "-i", path);
    expect(loaded).toMatch(/^Loaded image: /);
    if (format.endsWith("archive")) {
      const [program = "", ...words] = home.argv;
      const piped = await run("sh", ["-c", `cat '${path}' | "$@"`, "sh", program, ...words, "load", "-q"]);
      expect(piped.stdout.trim()).toBe(loaded);
    }
    await expectInGalley(sample.configDigest.slice("sha256:".length), sample);
  });

  test("umoci gives galley an image that it has changed", async () => {
    const layout = join(folder, "changed");
    await cp(join(folder, "first"), layout, { recursive: true });
    await mkdir(join(folder, "more"));
    await run("umoci", ["insert", "--image", `${layout}:1`, "--tag", "2", join(folder, "more"), "/more"]);
    await run("umoci", ["config", "--image", `${layout}:2`, "--config.cmd", "ls"]);
    const id = await home.ok("pull", "-q", `oci:${layout}:2`);
    const [{ Config: config }] = JSON.parse(await home.ok("image", "inspect", id));
    expect(config.Cmd).toEqual(["ls"]);
    expect(treeDifferences(await unpackedByUmoci(`${layout}:2`), await treeInGalley(id))).toEqual([]);
    await home.ok("rmi", "-f", id);
  });

  test.each(table(singles))("galley gives %s on a medium of type %s to skopeo and podman", async (_, medium, kind) => {
    const sample = sampleOf(kind);
    await home.ok("pull", "-q", sample.name);
    const to = place(medium);
    await home.ok("push", "-q", "--tls-verify=false", sample.name, to.text);
    expect(await configOn(to)).toBe(sample.configDigest);
    const raw = Buffer.from(await skopeo("inspect", ["--raw"], to.text), "latin1");
    if (keepsManifest(medium, kind.family)) expect(sha256(raw)).toBe(sample.manifestDigest);
    await skopeo("copy", [], to.text, `dir:${join(folder, `checked-${medium}-${kindName(kind)}`)}`);
    await podman.ok("rmi", "--all", "--force");
    const id = (await podman.ok("pull", "-q", "--tls-verify=false", to.text)).split("\n").at(-1);
    expect(`sha256:${id}`).toBe(sample.configDigest);
    expect(JSON.parse(await podman.ok("image", "inspect", id ?? ""))[0].RootFS.Layers).toEqual(sample.diffIds);
    // Umoci 0.4.7 reads no zstd.
    if (medium === "oci" && kind.compression === "gzip") {
      const image = to.text.slice("oci:".length);
      expect(treeDifferences(tree, await unpackedByUmoci(image))).toEqual([]);
    }
  });

  test.each([
    ["docker-archive", []],
    ["oci-archive", []],
    ["docker-dir", ["--compress"]],
    ["oci-dir", ["--uncompressed"]],
  ] as const)("galley save --format %s with %j is loaded by podman", async (format, flags) => {
    for (const kind of singles) {
      const sample = sampleOf(kind);
      await home.ok("pull", "-q", sample.name);
      const path = join(folder, `saved-${format}-${kindName(kind)}`);
      await home.ok("save", "-q", "--format", format, ...flags, "-o", path, sample.name);
      await podman.ok("rmi", "--all", "--force");
      await podman.ok("load", "-q", "-i", path);
      const id = (await podman.ok("images", "-q", "--no-trunc")).split("\n")[0];
      expect(id).toBe(sample.configDigest);
    }
  });

  test("galley save writes several images into one archive, which podman loads with all their names", async () => {
    const names = singles.map((kind) => sampleOf(kind).name);
    for (const name of names) await home.ok("pull", "-q", name);
    const path = join(folder, "several.tar");
    await home.ok("save", "-q", "-m", "-o", path, ...names);
    await podman.ok("rmi", "--all", "--force");
    const loaded = await podman.ok("load", "-q", "-i", path);
    for (const name of names) expect(loaded).toContain(name);
    await home.ok("rmi", "--all");
    expect((await home.ok("load", "-q", "-i", path)).split("\n").sort()).toEqual(
      names.map((name) => `Loaded image: ${name}`).sort(),
    );
  });

  test.each([
    ["--format=v2s2", "v2s2", "gzip"],
    ["--format=oci", "oci", "gzip"],
    ["--compression-format=zstd", "oci", "zstd"],
    ["--compression-format=gzip", "oci", "gzip"],
    ["--compression-format=zstd:chunked", "oci", "zstd"],
  ] as const)(
    "galley push %s changes manifests and layers, never the configuration",
    async (flag, family, compression) => {
      for (const kind of singles) {
        const sample = sampleOf(kind);
        await home.ok("pull", "-q", sample.name);
        const to = place("registry");
        await home.ok("push", "-q", flag, sample.name, to.text);
        const { mediaType, layers } = JSON.parse(await skopeo("inspect", ["--raw"], to.text));
        const kept = flag.startsWith("--format") ? family : compression === "zstd" ? "oci" : kind.family;
        expect(mediaType).toContain(kept === "oci" ? "vnd.oci.image.manifest" : "vnd.docker.distribution.manifest.v2");
        const as = flag === "--format=oci" ? kind.compression : compression;
        for (const layer of layers) expect(layer.mediaType).toMatch(new RegExp(`${as}$`));
        expect((await describeImage(to.text.slice("docker://".length))).configDigest).toBe(sample.configDigest);
        await skopeo("copy", [], to.text, `dir:${join(folder, `formed${flag.replace(":", "-")}-${kindName(kind)}`)}`);
        await podman.ok("rmi", "--all", "--force");
        expect(`sha256:${await podman.ok("pull", "-q", "--tls-verify=false", to.text)}`).toBe(sample.configDigest);
      }
    },
  );

  test.each(sampleKinds.filter(({ many }) => many).map((kind) => [kindName(kind), kind] as const))(
    "galley manifest push hands on %s with every image as it was",
    async (name, kind) => {
      const sample = sampleOf(kind);
      const list = `localhost/list-${name}`;
      await home.ok("manifest", "create", list);
      await home.ok("manifest", "add", "--all", "--tls-verify=false", list, `docker://${sample.name}`);
      const to = place("registry");
      await home.ok("manifest", "push", "-q", "--all", "--tls-verify=false", list, to.text);
      const members = async (image: string): Promise<string[]> => {
        const index = JSON.parse(await skopeo("inspect", ["--raw"], image)) as { manifests: { digest: string }[] };
        return index.manifests.map(({ digest }) => digest);
      };
      expect(await members(to.text)).toEqual(await members(`docker://${sample.name}`));
      await podman.ok("rmi", "--all", "--force");
      const id = await podman.ok("pull", "-q", "--tls-verify=false", to.text.slice("docker://".length));
      expect(`sha256:${id}`).toBe(sample.configDigest);
    },
  );
});

/** The root directory has no entry in these images' layers, and programs do not agree on what it is then. */
function withoutRoot(listing: TreeListing): TreeListing {
  return new Map([...listing].filter(([name]) => name !== ""));
}
