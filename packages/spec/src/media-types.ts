/**
 * Media types of OCI image-spec 1.1 (media-types.md) and Docker's schema 2.
 *
 * @example
 * if (descriptor.mediaType === mediaTypes.imageIndex) console.log("more than one platform");
 */
export const mediaTypes = {
  imageManifest: "application/vnd.oci.image.manifest.v1+json",
  imageIndex: "application/vnd.oci.image.index.v1+json",
  imageConfig: "application/vnd.oci.image.config.v1+json",
  layerTar: "application/vnd.oci.image.layer.v1.tar",
  layerTarGzip: "application/vnd.oci.image.layer.v1.tar+gzip",
  layerTarZstd: "application/vnd.oci.image.layer.v1.tar+zstd",
  foreignLayerTar: "application/vnd.oci.image.layer.nondistributable.v1.tar",
  foreignLayerTarGzip: "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
  foreignLayerTarZstd: "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
  empty: "application/vnd.oci.empty.v1+json",
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
  dockerManifestList: "application/vnd.docker.distribution.manifest.list.v2+json",
  dockerConfig: "application/vnd.docker.container.image.v1+json",
  dockerLayerTar: "application/vnd.docker.image.rootfs.diff.tar",
  dockerLayerTarGzip: "application/vnd.docker.image.rootfs.diff.tar.gzip",
  dockerLayerTarZstd: "application/vnd.docker.image.rootfs.diff.tar.zstd",
  dockerForeignLayerTar: "application/vnd.docker.image.rootfs.foreign.diff.tar",
  dockerForeignLayerTarGzip: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
} as const;

export type LayerCompression = "none" | "gzip" | "zstd";

const layers: Readonly<Record<string, LayerCompression>> = {
  [mediaTypes.layerTar]: "none",
  [mediaTypes.layerTarGzip]: "gzip",
  [mediaTypes.layerTarZstd]: "zstd",
  [mediaTypes.foreignLayerTar]: "none",
  [mediaTypes.foreignLayerTarGzip]: "gzip",
  [mediaTypes.foreignLayerTarZstd]: "zstd",
  [mediaTypes.dockerLayerTar]: "none",
  [mediaTypes.dockerLayerTarGzip]: "gzip",
  [mediaTypes.dockerLayerTarZstd]: "zstd",
  [mediaTypes.dockerForeignLayerTar]: "none",
  [mediaTypes.dockerForeignLayerTarGzip]: "gzip",
};

/**
 * Whether this is the manifest of one image (not an index).
 *
 * @example
 * isManifestType("application/vnd.oci.image.manifest.v1+json"); // true
 */
export function isManifestType(mediaType: string): boolean {
  return mediaType === mediaTypes.imageManifest || mediaType === mediaTypes.dockerManifest;
}

/**
 * Whether this is an OCI index or a Docker manifest list.
 *
 * @example
 * isIndexType("application/vnd.docker.distribution.manifest.list.v2+json"); // true
 */
export function isIndexType(mediaType: string): boolean {
  return mediaType === mediaTypes.imageIndex || mediaType === mediaTypes.dockerManifestList;
}

/**
 * Whether this is a file system layer of either family.
 *
 * @example
 * manifest.layers.every((layer) => isLayerType(layer.mediaType)); // false for many artifacts
 */
export function isLayerType(mediaType: string): boolean {
  return Object.hasOwn(layers, mediaType);
}

/**
 * How a layer's media type says it is compressed; undefined when it is not a layer's. Some old tools push gzip under
 * the uncompressed Docker type, so readers of those look at the first bytes too.
 *
 * @example
 * layerCompression("application/vnd.oci.image.layer.v1.tar+zstd"); // "zstd"
 */
export function layerCompression(mediaType: string): LayerCompression | undefined {
  return Object.hasOwn(layers, mediaType) ? layers[mediaType] : undefined;
}
