import { digestOf, mediaTypes } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { bufferFile } from "../archive/byte-file.ts";
import { memoryContent } from "../content/memory-content.ts";
import { overlayContent } from "../content/overlay-content.ts";
import { readContent } from "../content/read-content.ts";
import { copyImage } from "../copy/copy-image.ts";
import { type CreateImageOptions, createImage } from "../make/create-image.ts";
import { createLayer } from "../make/create-layer.ts";
import { collect } from "../testing/streams.ts";
import { openImage } from "../view/open-image.ts";
import { mutateImage } from "./mutate-image.ts";
import { parseChange } from "./parse-change.ts";

const platform = { os: "linux", architecture: "amd64" };
const base = (options: Partial<CreateImageOptions> = {}) =>
  createImage({
    layers: [{ tar: createLayer([{ path: "a", type: "file", content: "a" }]) }],
    config: { Cmd: ["sh"], Env: ["A=1"], User: "ada" },
    platform,
    ...options,
  });
const more = () => createLayer([{ path: "b", type: "file", content: "b" }]);

describe("mutateImage()", () => {
  test("puts layers on top, from a stream, a buffer, a function or the store alike", async () => {
    const { descriptor, content, layers } = await base();
    const bytes = await collect(more());
    const digests = new Set<string>();
    const spool = async (stream: AsyncIterable<Uint8Array>) => bufferFile(await collect(stream));
    for (const tar of [more(), bytes, more])
      for (const keeping of [{}, { spool }]) {
        const layer = { tar: tar === more ? more : bytes, history: { created_by: "test" } };
        const made = await mutateImage(descriptor, content, { choose: platform, appendLayers: [layer], ...keeping });
        const to = memoryContent();
        await copyImage(made.descriptor, made.content, to);
        digests.add(made.descriptor.digest);
        const view = await openImage(to, made.descriptor, { platform });
        expect(view.layers.map(({ diffId }) => diffId)).toEqual([expect.any(String), digestOf(bytes)]);
        expect(view.config.history).toEqual([{}, { created_by: "test" }]);
        const top = view.layers[1]!.descriptor;
        const all = await collect(await made.content.fetch(top));
        expect(await collect(await made.content.fetch(top, { offsetBytes: 9 }))).toEqual(all.subarray(9));
      }
    const streamed = await mutateImage(descriptor, content, {
      choose: platform,
      appendLayers: [{ tar: more(), history: { created_by: "test" } }],
    });
    digests.add(streamed.descriptor.digest);
    expect(digests.size).toBe(1);
    const again = {
      descriptor: layers[0]!,
      diffId: (await openImage(content, descriptor, { platform })).layers[0]!.diffId,
    };
    const twice = await mutateImage(descriptor, content, { choose: platform, appendLayers: [again] });
    expect((await openImage(twice.content, twice.descriptor, { platform })).layers).toHaveLength(2);
  });

  test("changes the configuration, its author and time, the platform and annotations", async () => {
    const { descriptor, content } = await base({ annotations: { a: "1", b: "2" } });
    const made = await mutateImage(descriptor, content, {
      choose: platform,
      config: { User: undefined, StopSignal: "SIGINT" },
      changes: [parseChange('ENTRYPOINT ["/b"]'), parseChange("ENV A=2")],
      created: "2026-01-02T03:04:05Z",
      author: "Ada",
      platform: { os: "linux", architecture: "arm64", variant: "v8" },
      annotations: { a: undefined, c: "3" },
      history: [{ created_by: "changed" }],
    });
    const { config, manifest } = await openImage(made.content, made.descriptor, { platform: made.descriptor.platform });
    expect(config).toMatchObject({
      created: "2026-01-02T03:04:05Z",
      author: "Ada",
      architecture: "arm64",
      variant: "v8",
      config: { Cmd: ["sh"], Env: ["A=2"], Entrypoint: ["/b"], StopSignal: "SIGINT" },
      history: [{}, { created: "2026-01-02T03:04:05Z", created_by: "changed", empty_layer: true }],
    });
    expect(config.config).not.toHaveProperty("User");
    expect(manifest.annotations).toEqual({ b: "2", c: "3" });
    expect(made.descriptor.platform).toEqual({ os: "linux", architecture: "arm64", variant: "v8" });
  });

  test("stays in the family and with the algorithm, and refuses what schema 2 has not", async () => {
    const { descriptor, content } = await base({ docker: true, algorithm: "sha512" });
    const made = await mutateImage(descriptor, content, { choose: platform, appendLayers: [{ tar: more() }] });
    const { layers, configDescriptor } = await openImage(made.content, made.descriptor, { platform });
    expect(layers[1]?.descriptor.mediaType).toBe(mediaTypes.dockerLayerTarGzip);
    expect(configDescriptor.mediaType).toBe(mediaTypes.dockerConfig);
    for (const { digest } of [made.descriptor, configDescriptor, layers[1]!.descriptor])
      expect(digest).toMatch(/^sha512:/);
    await expect(mutateImage(descriptor, content, { annotations: { a: "b" } })).rejects.toMatchObject({
      code: "image.schema2-loss",
    });
    const zstd = { appendLayers: [{ tar: more(), compression: "zstd" as const }] };
    await expect(mutateImage(descriptor, content, zstd)).rejects.toMatchObject({ code: "image.zstd-schema2" });
  });

  test("makes one layer of all", async () => {
    const { descriptor, content } = await base();
    const top = await collect(
      createLayer([
        { path: ".wh.a", type: "file" },
        { path: "b", type: "file", content: "b" },
      ]),
    );
    const squash = (created?: string) =>
      mutateImage(descriptor, content, {
        choose: platform,
        appendLayers: [{ tar: top, history: { created_by: "top" } }],
        squash: true,
        created,
      });
    const made = await squash("2026-01-01T00:00:00Z");
    expect((await squash("2026-01-01T00:00:00Z")).descriptor).toEqual(made.descriptor);
    const to = memoryContent();
    await copyImage(made.descriptor, made.content, to);
    const { layers, config } = await openImage(to, made.descriptor, { platform });
    expect(layers.map(({ diffId }) => diffId)).toEqual([digestOf(await collect(more()))]);
    expect(config.history).toEqual([{ created: "2026-01-01T00:00:00Z", created_by: "top" }]);
  });

  test("keeps members it does not know, and drops what described the old image alone", async () => {
    const { descriptor, content, configDescriptor } = await base();
    const into = overlayContent(content);
    const config = {
      ...JSON.parse(Buffer.from(await readContent(content, configDescriptor)).toString()),
      "x-more": 1,
      container: "abc",
      container_config: {},
      parent: "def",
    };
    const manifest = JSON.parse(Buffer.from(await readContent(content, descriptor)).toString());
    const root = into.addJson(descriptor.mediaType, {
      ...manifest,
      "x-more": 2,
      config: into.addJson(mediaTypes.imageConfig, config),
    });
    const made = await mutateImage(root, into, { changes: [parseChange("USER bob")] });
    const after = JSON.parse(Buffer.from(await readContent(made.content, made.configDescriptor)).toString());
    expect(after).toMatchObject({ "x-more": 1, config: { User: "bob" } });
    for (const member of ["container", "container_config", "parent"]) expect(after).not.toHaveProperty(member);
    const document = JSON.parse(Buffer.from(await readContent(made.content, made.descriptor)).toString());
    expect(document["x-more"]).toBe(2);
  });
});
