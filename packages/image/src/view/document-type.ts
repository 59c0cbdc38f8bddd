import { galleyError, isIndexType, isManifestType, mediaTypes } from "@galley/spec";

/** Whether this is a manifest or an index. */
export function isDocumentType(mediaType: string): boolean {
  return isManifestType(mediaType) || isIndexType(mediaType);
}

/**
 * The media type of a manifest or index that stands without a descriptor: what it says itself, else what its members tell.
 *
 * @throws corrupt image.media-type
 */
export function sniffDocumentType(bytes: Uint8Array): string {
  const value = parsed(bytes);
  const { mediaType, manifests, config } = (value ?? {}) as {
    mediaType?: unknown;
    manifests?: unknown;
    config?: unknown;
  };
  if (typeof mediaType === "string" && isDocumentType(mediaType)) return mediaType;
  if (Array.isArray(manifests)) return mediaTypes.imageIndex;
  const configType = (config as { mediaType?: unknown } | undefined)?.mediaType;
  if (configType === mediaTypes.dockerConfig) return mediaTypes.dockerManifest;
  if (typeof configType === "string") return mediaTypes.imageManifest;
  throw galleyError("corrupt", "image.media-type", "the document is neither a manifest nor an index");
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return undefined;
  }
}
