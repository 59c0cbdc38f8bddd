import {
  type ContentOptions,
  type Descriptor,
  type Digest,
  type Fetcher,
  galleyError,
  type ImageConfig,
  type ImageManifest,
  layerCompression,
  mediaTypes,
  type Platform,
  platformOf,
} from "@galley/spec";
import type { Compression } from "../compression/decompress.ts";
import { chainIds } from "./chain-ids.ts";
import { findManifest } from "./find-manifest.ts";
import { readConfig } from "./read-document.ts";

/** A layer, seen from an image. */
export interface ImageLayer {
  readonly descriptor: Descriptor;
  /** The digest of its uncompressed archive. */
  readonly diffId: Digest;
  /** Names it together with all layers beneath. */
  readonly chainId: Digest;
  /** As the media type has it; `decompress` looks at the bytes instead unless told. */
  readonly compression: Compression;
}

/** An image for one platform; everything in it was verified against the digests that lead to it. */
export interface ImageView {
  readonly descriptor: Descriptor;
  readonly manifest: ImageManifest;
  readonly configDescriptor: Descriptor;
  readonly config: ImageConfig;
  /** Lowest first. */
  readonly layers: readonly ImageLayer[];
}

/** Options of `openImage`. */
export interface OpenImageOptions extends ContentOptions {
  /** Which image of an index; this machine's for Linux when left out. */
  readonly platform?: Platform | undefined;
}

/**
 * Reads manifest and configuration of an image: OCI and Docker schema 2, also through an index or manifest list.
 *
 * @throws not-found image.no-platform, and what the fetcher throws; unsupported image.artifact, image.schema1;
 *   corrupt image.digest, image.size, image.media-type, image.layer-count, spec.*
 *
 * @example
 * const { config, layers } = await openImage(fetcher, await resolver.resolve("latest"));
 */
export async function openImage(
  fetcher: Fetcher,
  root: Descriptor,
  options: OpenImageOptions = {},
): Promise<ImageView> {
  const platform = options.platform ?? platformOf(process.arch);
  const { descriptor, manifest } = await findManifest(fetcher, root, { ...options, platform });
  checkIsImage(descriptor, manifest);
  const config = await readConfig(fetcher, manifest.config, options);
  const layers = joinLayers(manifest, config.rootfs.diff_ids);
  return { descriptor, manifest, configDescriptor: manifest.config, config, layers };
}

const configTypes: readonly string[] = [mediaTypes.imageConfig, mediaTypes.dockerConfig];

function checkIsImage({ digest }: Descriptor, { config, artifactType, layers }: ImageManifest): void {
  const strange = layers.find(({ mediaType }) => layerCompression(mediaType) === undefined);
  if (configTypes.includes(config.mediaType) && !strange) return;
  const type = configTypes.includes(config.mediaType) ? strange?.mediaType : (artifactType ?? config.mediaType);
  throw galleyError("unsupported", "image.artifact", `${digest} is an artifact of type ${type}, not an image`, {
    details: { digest, type },
  });
}

function joinLayers({ layers }: ImageManifest, diffIds: readonly Digest[]): ImageLayer[] {
  if (layers.length !== diffIds.length)
    throw galleyError(
      "corrupt",
      "image.layer-count",
      `the manifest has ${layers.length} layers, the configuration ${diffIds.length}`,
    );
  const chain = chainIds(diffIds);
  return layers.flatMap((descriptor, index) => {
    const [diffId, chainId, compression] = [diffIds[index], chain[index], layerCompression(descriptor.mediaType)];
    return diffId && chainId && compression ? [{ descriptor, diffId, chainId, compression }] : [];
  });
}
