import { galleyError, type LayerCompression, layerCompression, mediaTypes } from "@galley/spec";

/** The two families of media types. */
export type MediaFamily = "oci" | "schema2";

/** The media types of a family. */
export interface FamilyTypes {
  readonly manifest: string;
  readonly index: string;
  readonly config: string;
  readonly layer: Readonly<Record<LayerCompression, string>>;
  /** Layers that are not to be handed on, which Docker calls foreign. */
  readonly foreign: Readonly<Record<LayerCompression, string | undefined>>;
}

/** Docker's zstd type is in use here and there, but no specification has it, and Docker refuses it. */
export const familyTypes: Readonly<Record<MediaFamily, FamilyTypes>> = {
  oci: {
    manifest: mediaTypes.imageManifest,
    index: mediaTypes.imageIndex,
    config: mediaTypes.imageConfig,
    layer: { none: mediaTypes.layerTar, gzip: mediaTypes.layerTarGzip, zstd: mediaTypes.layerTarZstd },
    foreign: {
      none: mediaTypes.foreignLayerTar,
      gzip: mediaTypes.foreignLayerTarGzip,
      zstd: mediaTypes.foreignLayerTarZstd,
    },
  },
  schema2: {
    manifest: mediaTypes.dockerManifest,
    index: mediaTypes.dockerManifestList,
    config: mediaTypes.dockerConfig,
    layer: {
      none: mediaTypes.dockerLayerTar,
      gzip: mediaTypes.dockerLayerTarGzip,
      zstd: mediaTypes.dockerLayerTarZstd,
    },
    foreign: { none: mediaTypes.dockerForeignLayerTar, gzip: mediaTypes.dockerForeignLayerTarGzip, zstd: undefined },
  },
};

/** The family of a manifest or index. */
export function familyOf(mediaType: string): MediaFamily {
  const { manifest, index } = familyTypes.schema2;
  return mediaType === manifest || mediaType === index ? "schema2" : "oci";
}

/** Whether a layer may be absent, since it is to be fetched elsewhere. */
export function isForeignLayer(mediaType: string): boolean {
  return Object.values(familyTypes).some(({ foreign }) => Object.values(foreign).includes(mediaType));
}

/** The media type of the same layer in another family; throws unsupported `image.zstd-schema2`. */
export function layerTypeIn(family: MediaFamily, mediaType: string, compression = layerCompression(mediaType)): string {
  const { layer, foreign } = familyTypes[family];
  const type = compression && (isForeignLayer(mediaType) ? foreign : layer)[compression];
  if (type && !(family === "schema2" && compression === "zstd")) return type;
  throw galleyError(
    "unsupported",
    "image.zstd-schema2",
    "Docker's schema 2 has no layers that are compressed with zstd: convert them to gzip",
  );
}
