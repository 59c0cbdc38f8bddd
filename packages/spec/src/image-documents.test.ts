import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digestOf } from "./digest.ts";
import { isGalleyError } from "./error.ts";
import { maxDocumentBytes } from "./limits.ts";
import { mediaTypes } from "./media-types.ts";
import {
  parseImageConfig,
  parseImageIndex,
  parseImageLayout,
  parseImageManifest,
  parseRegistryErrors,
  parseTagList,
  parseTokenResponse,
} from "./schemas.ts";

const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
const corrupt = (message: RegExp) =>
  expect.objectContaining({ kind: "corrupt", message: expect.stringMatching(message) });

const config = { mediaType: mediaTypes.imageConfig, digest: digestOf("config"), size: 6 };
const layer = { mediaType: mediaTypes.layerTarGzip, digest: digestOf("layer"), size: 5 };
const manifest = { schemaVersion: 2, mediaType: mediaTypes.imageManifest, config, layers: [layer] };
const index = {
  schemaVersion: 2,
  mediaType: mediaTypes.imageIndex,
  manifests: [{ ...config, platform: { os: "linux", architecture: "amd64" } }],
};

describe("parseImageManifest()", () => {
  test("parseImageManifest() reads bytes and values, and drops what it does not know", () => {
    expect(parseImageManifest(bytes({ ...manifest, unknown: 1 }))).toEqual(manifest);
    expect(parseImageManifest(manifest)).toEqual(manifest);
  });

  test("parseImageManifest() takes null for absent, as Go writes it", () => {
    expect(parseImageManifest(bytes({ ...manifest, annotations: null, subject: null }))).toEqual(manifest);
  });

  test.each([
    [{ ...manifest, schemaVersion: 3 }, /schemaVersion/],
    [{ ...manifest, manifests: [] }, /manifests/],
    [{ ...manifest, mediaType: mediaTypes.imageIndex }, /mediaType/],
    [{ ...manifest, layers: {} }, /layers/],
    [{ ...manifest, layers: [null] }, /layers\.0/],
    [{ ...manifest, config: { ...config, size: -1 } }, /config\.size/],
    [{ ...manifest, config: { ...config, size: 1.5 } }, /config\.size/],
    [{ ...manifest, config: { ...config, size: 2 ** 60 } }, /config\.size/],
    [{ ...manifest, config: { ...config, digest: "sha256:../x" } }, /config\.digest: not a digest/],
    [{ ...manifest, layers: Array(3000).fill(layer) }, /layers/],
    [{ ...manifest, annotations: { a: 1 } }, /annotations\.a/],
    [[], /./],
    [null, /./],
    ["x", /./],
  ])("parseImageManifest() refuses wrong shape %#", (value, message) => {
    expect(() => parseImageManifest(bytes(value))).toThrow(corrupt(message));
  });

  test("parseImageManifest() says that Docker's schema 1 is unsupported", () => {
    const old = { schemaVersion: 1, name: "library/x", fsLayers: [] };
    expect(() => parseImageManifest(bytes(old))).toThrow(expect.objectContaining({ kind: "unsupported" }));
  });
});

describe("parseDocument()", () => {
  test.each(["", "{", "[1,", "\u{feff}nope", "{}{}", "NaN"])("parseImageManifest() refuses %j", (text) => {
    expect(() => parseImageManifest(Buffer.from(text))).toThrow(corrupt(/not JSON/));
  });

  test("parseImageManifest() refuses bytes that are not UTF-8", () => {
    const broken = Buffer.from(JSON.stringify({ ...manifest, artifactType: "x" }));
    broken[broken.indexOf('"x"') + 1] = 0xff;
    expect(() => parseImageManifest(broken)).toThrow(corrupt(/not JSON/));
  });

  test("parseImageManifest() refuses more than 4 MiB before it parses", () => {
    expect(() => parseImageManifest(new Uint8Array(maxDocumentBytes + 1))).toThrow(corrupt(/bytes are more than/));
  });

  test("parseImageManifest() refuses deep nesting, whatever its kind", () => {
    const deep = Buffer.from(`{"a":${"[".repeat(1e6)}${"]".repeat(1e6)}}`);
    expect(() => parseImageManifest(deep)).toThrow(corrupt(/nested more than/));
  });

  test("parseImageConfig() does not let a member named __proto__ through", () => {
    const text =
      '{"os":"linux","architecture":"amd64","rootfs":{"type":"layers"},"config":{"Labels":{"__proto__":{"x":1}}}}';
    const labels = parseImageConfig(Buffer.from(text)).config?.Labels;
    expect(Object.getPrototypeOf(labels ?? {})).toBe(Object.prototype);
    expect(labels).toEqual({});
  });

  test("every parser throws nothing but a Galley error, whatever JSON it is given", () => {
    const parsers = [
      parseImageManifest,
      parseImageIndex,
      parseImageConfig,
      parseImageLayout,
      parseRegistryErrors,
      parseTagList,
      parseTokenResponse,
    ];
    fc.assert(
      fc.property(fc.constantFrom(...parsers), fc.jsonValue(), (parse, value) => {
        try {
          parse(bytes(value));
        } catch (error) {
          expect(isGalleyError(error)).toBe(true);
        }
      }),
    );
  });
});

describe("parseImageIndex()", () => {
  test("parseImageIndex() reads platforms", () => {
    expect(parseImageIndex(bytes(index))).toEqual(index);
  });

  test.each([
    { ...index, layers: [] },
    { ...index, config },
    { ...index, mediaType: mediaTypes.dockerManifest },
    { schemaVersion: 2 },
  ])("parseImageIndex() refuses what a manifest could be, %#", (value) => {
    expect(() => parseImageIndex(bytes(value))).toThrow(corrupt(/image index/));
  });
});

describe("parseImageConfig()", () => {
  const minimal = { os: "linux", architecture: "amd64", rootfs: { type: "layers", diff_ids: [digestOf("x")] } };

  test("parseImageConfig() keeps what Docker adds", () => {
    const docker = {
      ...minimal,
      docker_version: "28.2",
      config: {
        Cmd: ["sh"],
        Healthcheck: { Test: ["CMD-SHELL", "true"], Interval: 30e9, Retries: 3 },
        OnBuild: ["RUN true"],
        Shell: ["/bin/bash", "-c"],
        StopSignal: "SIGQUIT",
        ExposedPorts: { "80/tcp": {} },
        Volumes: { "/data": {} },
      },
      history: [{ created: "2026-01-01T00:00:00Z", created_by: "x", empty_layer: true }],
    };
    expect(parseImageConfig(bytes(docker))).toEqual(docker);
  });

  test("parseImageConfig() reads an empty Go list and an early Docker's command line", () => {
    const value = {
      ...minimal,
      config: { Entrypoint: null, Cmd: "/bin/sh", Volumes: null },
      rootfs: { type: "layers", diff_ids: null },
    };
    expect(parseImageConfig(bytes(value))).toEqual({
      ...minimal,
      config: { Cmd: ["/bin/sh"] },
      rootfs: { type: "layers", diff_ids: [] },
    });
  });

  test.each([
    { ...minimal, rootfs: { type: "other", diff_ids: [] } },
    { ...minimal, rootfs: { type: "layers", diff_ids: ["x"] } },
    { ...minimal, config: { Env: "A=b" } },
    { ...minimal, config: { Labels: { a: {} } } },
    { ...minimal, os: 1 },
  ])("parseImageConfig() refuses wrong shape %#", (value) => {
    expect(() => parseImageConfig(bytes(value))).toThrow(corrupt(/image config/));
  });
});

test("parseImageLayout() takes any version 1", () => {
  expect(parseImageLayout(bytes({ imageLayoutVersion: "1.0.0" }))).toEqual({ imageLayoutVersion: "1.0.0" });
  expect(() => parseImageLayout(bytes({ imageLayoutVersion: "2.0.0" }))).toThrow(
    expect.objectContaining({ kind: "unsupported" }),
  );
});

test("parseTagList() reads a null list as an empty one", () => {
  expect(parseTagList(bytes({ name: "x", tags: null }))).toEqual({ name: "x", tags: [] });
});

test("parseTokenResponse() takes either name of the token and refuses neither", () => {
  expect(parseTokenResponse(bytes({ token: "t", expires_in: 60 })).token).toBe("t");
  expect(parseTokenResponse(bytes({ access_token: "t" })).access_token).toBe("t");
  expect(() => parseTokenResponse(bytes({ expires_in: 60 }))).toThrow(corrupt(/no token/));
});

test("parseRegistryErrors() reads a detail of any shape, and none", () => {
  const body = { errors: [{ code: "NAME_UNKNOWN", message: "no", detail: { name: "x" } }] };
  expect(parseRegistryErrors(bytes(body))).toEqual(body);
  const plain = { errors: [{ code: "DENIED" }] };
  expect(parseRegistryErrors(bytes(plain))).toEqual(plain);
  expect(() => parseRegistryErrors(bytes({ errors: [] }))).toThrow(corrupt(/errors/));
});
