import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";

/** What one image is made of; layers are uncompressed tars, lowest first. */
export interface ImageParts {
  readonly layers: readonly Uint8Array[];
  /** The `config` object of the image configuration: Cmd, Env, User… */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly architecture?: string;
  readonly compression?: "none" | "gzip" | "zstd";
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly os: string; readonly architecture: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

const compressions = {
  none: { suffix: "", compress: (bytes: Uint8Array): Uint8Array => bytes },
  gzip: { suffix: "+gzip", compress: (bytes: Uint8Array): Uint8Array => gzipSync(bytes) },
  zstd: { suffix: "+zstd", compress: (bytes: Uint8Array): Uint8Array => zstdCompressSync(bytes) },
};

const digestOf = (bytes: Uint8Array): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const ociType = (name: string): string => `application/vnd.oci.image.${name}`;
const defaultArchitecture = process.arch === "x64" ? "amd64" : process.arch;

/**
 * Writes an OCI image layout with one tag, for `skopeo copy oci:PATH:TAG …`. Several parts become a multi-platform index.
 * Made of plain JSON on purpose: what tests read with our packages must not have been written by them.
 * @returns the digest of what the tag names
 */
export async function writeOciLayout(layoutPath: string, tag: string, images: readonly ImageParts[]): Promise<string> {
  await mkdir(join(layoutPath, "blobs/sha256"), { recursive: true });
  const manifests: Descriptor[] = [];
  for (const image of images) manifests.push(await writeImage(layoutPath, image));
  const [only] = manifests;
  const named =
    only !== undefined && manifests.length === 1
      ? only
      : await writeJson(layoutPath, ociType("index.v1+json"), indexOf(manifests));
  const tagged = { ...named, annotations: { "org.opencontainers.image.ref.name": tag } };
  await writeFile(join(layoutPath, "index.json"), JSON.stringify(indexOf([tagged])));
  await writeFile(join(layoutPath, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  return named.digest;
}

const indexOf = (manifests: readonly Descriptor[]): object => ({
  schemaVersion: 2,
  mediaType: ociType("index.v1+json"),
  manifests,
});

async function writeImage(layoutPath: string, image: ImageParts): Promise<Descriptor> {
  const platform = { os: "linux", architecture: image.architecture ?? defaultArchitecture };
  const { suffix, compress } = compressions[image.compression ?? "gzip"];
  const layers: Descriptor[] = [];
  for (const layer of image.layers) {
    layers.push(await writeBlob(layoutPath, `${ociType("layer.v1.tar")}${suffix}`, compress(layer)));
  }
  const config = await writeJson(layoutPath, ociType("config.v1+json"), {
    created: "2024-01-01T00:00:00Z",
    ...platform,
    config: image.config ?? {},
    rootfs: { type: "layers", diff_ids: image.layers.map(digestOf) },
    history: image.layers.map(() => ({ created: "2024-01-01T00:00:00Z", created_by: "tests" })),
  });
  const mediaType = ociType("manifest.v1+json");
  return { ...(await writeJson(layoutPath, mediaType, { schemaVersion: 2, mediaType, config, layers })), platform };
}

function writeJson(layoutPath: string, mediaType: string, value: unknown): Promise<Descriptor> {
  return writeBlob(layoutPath, mediaType, Buffer.from(JSON.stringify(value)));
}

async function writeBlob(layoutPath: string, mediaType: string, bytes: Uint8Array): Promise<Descriptor> {
  const digest = digestOf(bytes);
  await writeFile(join(layoutPath, "blobs", digest.replace(":", "/")), bytes);
  return { mediaType, digest, size: bytes.length };
}
