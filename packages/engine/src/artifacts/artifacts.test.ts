import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyImage, createArtifact, createIndex } from "@galley/image";
import { openRepository } from "@galley/registry";
import { createMemoryStore, type RegistryServer, serveRegistry } from "@galley/registry-server";
import { describe, expect, onTestFinished, test } from "vitest";
import { collectImages } from "../images/collect-images.ts";
import { scratchEngine } from "../testing/scratch-engine.ts";
import { addArtifact } from "./add-artifact.ts";
import { extractArtifact } from "./extract-artifact.ts";
import { inspectArtifact } from "./inspect-artifact.ts";
import { listArtifacts } from "./list-artifacts.ts";
import { pullArtifact } from "./pull-artifact.ts";
import { pushArtifact } from "./push-artifact.ts";
import { removeArtifact } from "./remove-artifact.ts";

async function registry(): Promise<RegistryServer> {
  const server = await serveRegistry({ store: createMemoryStore() });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

function folder(files: Readonly<Record<string, string>> = {}): string {
  const path = mkdtempSync(join(tmpdir(), "galley-artifact-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

const name = "localhost/team/sbom:1";
const large = "x".repeat(700_000);

describe("addArtifact()", () => {
  test("addArtifact() keeps files under their names, and the same files have the same digest", async () => {
    const engine = await scratchEngine();
    const from = folder({ "sbom.json": "{}", large });
    const paths = [join(from, "sbom.json"), join(from, "large")];
    const options = { type: "application/spdx+json", annotations: { by: "us" }, fileType: "text/plain" };
    const digest = await addArtifact(engine, name, paths, options);
    expect(await addArtifact(engine, "localhost/other:1", paths, options)).toBe(digest);
    expect(listArtifacts(engine)).toMatchObject([
      { name: "localhost/other:1", digest },
      { name, digest, artifactType: "application/spdx+json", sizeBytes: 700_002 },
    ]);
    expect(await inspectArtifact(engine, name)).toMatchObject({
      Name: "localhost/other:1",
      Digest: digest,
      Manifest: {
        artifactType: "application/spdx+json",
        annotations: { by: "us" },
        layers: [
          { mediaType: "text/plain", size: 2, annotations: { "org.opencontainers.image.title": "sbom.json" } },
          { size: 700_000 },
        ],
      },
    });
  });

  test("addArtifact() puts files behind others, takes a name over, or does neither unless told", async () => {
    const engine = await scratchEngine();
    const from = folder({ a: "a", b: "b" });
    await addArtifact(engine, name, [join(from, "a")], { type: "text/x" });
    await expect(addArtifact(engine, name, [join(from, "b")])).rejects.toMatchObject({
      code: "engine.artifact-exists",
    });
    await addArtifact(engine, name, [join(from, "b")], { append: true });
    const { Manifest } = await inspectArtifact(engine, name);
    expect(Manifest).toMatchObject({ artifactType: "text/x", layers: [{ size: 1 }, { size: 1 }] });
    await addArtifact(engine, name, [join(from, "b")], { replace: true });
    expect(listArtifacts(engine)).toMatchObject([{ name, sizeBytes: 1 }]);
  });

  test.each([
    ["sbom:1", "engine.artifact-name"],
    ["team/sbom:1", "engine.artifact-name"],
  ])("addArtifact() refuses the name %s", async (short, code) => {
    await expect(addArtifact(await scratchEngine(), short, [])).rejects.toMatchObject({ kind: "invalid", code });
  });

  test("addArtifact() says which file is not there or is none, and leaves nothing", async () => {
    const engine = await scratchEngine();
    const from = folder({ a: "a" });
    await expect(addArtifact(engine, name, [join(from, "a"), join(from, "none")])).rejects.toThrow(/none/);
    await expect(addArtifact(engine, name, [from])).rejects.toMatchObject({ code: "engine.artifact-file" });
    await expect(addArtifact(engine, name, [join(from, "a")], { append: true })).rejects.toMatchObject({
      kind: "not-found",
    });
    expect(listArtifacts(engine)).toEqual([]);
  });
});

describe("extractArtifact()", () => {
  async function two() {
    const engine = await scratchEngine();
    const from = folder({ "sbom.json": "{}", large });
    await addArtifact(engine, name, [join(from, "sbom.json"), join(from, "large")]);
    return engine;
  }

  test("extractArtifact() writes all files into a directory, or one of them anywhere", async () => {
    const engine = await two();
    const to = folder({ "sbom.json": "old" });
    await extractArtifact(engine, name, to);
    expect(readdirSync(to).sort()).toEqual(["large", "sbom.json"]);
    expect([readFileSync(join(to, "sbom.json"), "utf8"), readFileSync(join(to, "large"), "utf8")]).toEqual([
      "{}",
      large,
    ]);
    await extractArtifact(engine, name, join(to, "one"), { title: "sbom.json" });
    expect(readFileSync(join(to, "one"), "utf8")).toBe("{}");
    await expect(extractArtifact(engine, name, join(to, "none"))).rejects.toMatchObject({
      code: "engine.artifact-target",
    });
    await expect(extractArtifact(engine, name, to, { title: "other" })).rejects.toMatchObject({ kind: "not-found" });
    await expect(extractArtifact(engine, name, to, { title: "x", digest: "y" })).rejects.toMatchObject({
      kind: "invalid",
    });
  });

  test("extractArtifact() replaces a link where a file is to go, and follows it nowhere", async () => {
    const engine = await two();
    const [to, outside] = [folder(), folder({ file: "untouched" })];
    symlinkSync(join(outside, "file"), join(to, "sbom.json"));
    await extractArtifact(engine, name, to, { title: "sbom.json" });
    expect(readFileSync(join(outside, "file"), "utf8")).toBe("untouched");
    expect(readFileSync(join(to, "sbom.json"), "utf8")).toBe("{}");
  });

  test.each(["../up", "a/b", "/etc/passwd", "..", "."])(
    "extractArtifact() writes nothing under the title %j",
    async (title) => {
      const [engine, { address }] = [await scratchEngine(), await registry()];
      const made = await createArtifact({ artifactType: "text/x", files: [{ title: "safe", content: "bad" }] });
      const manifest = {
        ...made.manifest,
        layers: made.manifest.layers.map((layer) => ({
          ...layer,
          annotations: { "org.opencontainers.image.title": title },
        })),
      };
      const bytes = Buffer.from(JSON.stringify(manifest));
      await using repository = openRepository(`${address}/bad`);
      await copyImage(made.descriptor, made.content, repository);
      const { digestOf } = await import("@galley/spec");
      const root = { ...made.descriptor, digest: digestOf(bytes), size: bytes.length };
      await repository.push(root, new Blob([bytes]).stream());
      await repository.tag("1", root);
      await pullArtifact(engine, `${address}/bad:1`);
      const to = folder();
      await expect(extractArtifact(engine, `${address}/bad:1`, to)).rejects.toMatchObject({
        code: "engine.artifact-title",
      });
      expect(readdirSync(to)).toEqual([]);
    },
  );
});

describe("artifacts and registries", () => {
  test("pushArtifact() and pullArtifact() hand one over, digest and all", async () => {
    const [engine, other, { address }] = [await scratchEngine(), await scratchEngine(), await registry()];
    const from = folder({ large });
    const remote = `${address}/team/sbom:1`;
    const digest = await addArtifact(engine, remote, [join(from, "large")]);
    expect((await pushArtifact(engine, remote)).digest).toBe(digest);
    expect(await pullArtifact(other, remote)).toBe(digest);
    const to = folder();
    expect(await extractArtifact(other, remote, to)).toEqual([join(to, "large")]);
    expect(readFileSync(join(to, "large"), "utf8")).toBe(large);
  });

  test("pullArtifact() refuses an index", async () => {
    const [engine, { address }] = [await scratchEngine(), await registry()];
    const { descriptor, bytes } = createIndex();
    await using repository = openRepository(`${address}/index`);
    await repository.push(descriptor, new Blob([bytes as Uint8Array<ArrayBuffer>]).stream());
    await repository.tag("latest", descriptor);
    await expect(pullArtifact(engine, `${address}/index`)).rejects.toMatchObject({ kind: "unsupported" });
  });
});

describe("removeArtifact()", () => {
  test("removeArtifact() removes names, and the files with the last one", async () => {
    const engine = await scratchEngine();
    const from = folder({ a: "a" });
    const digest = await addArtifact(engine, name, [join(from, "a")]);
    await addArtifact(engine, "localhost/second:1", [join(from, "a")]);
    await removeArtifact(engine, name);
    await collectImages(engine);
    expect(listArtifacts(engine)).toHaveLength(1);
    await expect(removeArtifact(engine, name)).rejects.toMatchObject({ kind: "not-found" });
    expect(await removeArtifact(engine, digest.slice(0, 20))).toBe(digest);
    expect(listArtifacts(engine)).toEqual([]);
    const left: unknown[] = [];
    for await (const blob of engine.storage.content.list()) left.push(blob);
    expect(left).toEqual([]);
  });
});
