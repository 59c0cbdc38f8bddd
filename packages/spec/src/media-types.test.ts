import { expect, test } from "vitest";
import { emptyDescriptor } from "./descriptor.ts";
import { digestOf } from "./digest.ts";
import { isIndexType, isLayerType, isManifestType, layerCompression, mediaTypes } from "./media-types.ts";

test("isManifestType(), isIndexType() and isLayerType() never agree on a type", () => {
  for (const type of [...Object.values(mediaTypes), "text/plain", "constructor", ""]) {
    expect([isManifestType(type), isIndexType(type), isLayerType(type)].filter(Boolean).length).toBeLessThanOrEqual(1);
  }
});

test("layerCompression() knows every layer type and nothing else", () => {
  const types = Object.entries(mediaTypes);
  expect(types.filter(([, type]) => isLayerType(type)).map(([name]) => name)).toEqual(
    types.filter(([name]) => /layer/i.test(name)).map(([name]) => name),
  );
  expect(layerCompression(mediaTypes.layerTar)).toBe("none");
  expect(layerCompression(mediaTypes.dockerLayerTarGzip)).toBe("gzip");
  expect(layerCompression(mediaTypes.layerTarZstd)).toBe("zstd");
  expect(layerCompression("constructor")).toBeUndefined();
  expect(layerCompression(mediaTypes.imageConfig)).toBeUndefined();
});

test("emptyDescriptor points to its own data", () => {
  const bytes = Buffer.from(emptyDescriptor.data ?? "", "base64");
  expect(emptyDescriptor).toMatchObject({ digest: digestOf(bytes), size: bytes.byteLength });
});
