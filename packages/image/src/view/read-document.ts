import {
  type ContentOptions,
  type Descriptor,
  type Fetcher,
  galleyError,
  type ImageConfig,
  type ImageIndex,
  type ImageManifest,
  isIndexType,
  isManifestType,
} from "@galley/spec";
import { readContent } from "../content/read-content.ts";

/** A manifest or index with the bytes it was read from. */
export type ImageDocument =
  | { readonly type: "manifest"; readonly manifest: ImageManifest; readonly bytes: Uint8Array }
  | { readonly type: "index"; readonly index: ImageIndex; readonly bytes: Uint8Array };

/** Loaded when a document is read: the validators take longer to load than a container takes to start. */
const schemas = () => import("@galley/spec/schemas");

/** Reads and verifies the manifest or index that a descriptor names. */
export async function readDocument(
  fetcher: Fetcher,
  descriptor: Descriptor,
  options: ContentOptions,
): Promise<ImageDocument> {
  const { mediaType } = descriptor;
  if (/manifest\.v1\+(json|prettyjws)$/.test(mediaType) && mediaType.includes("docker"))
    throw galleyError(
      "unsupported",
      "image.schema1",
      `${descriptor.digest} is an image manifest of Docker's schema 1, which nobody writes any more`,
    );
  if (!isIndexType(mediaType) && !isManifestType(mediaType)) throw notAnImage(descriptor);
  const bytes = await readContent(fetcher, descriptor, options);
  const { parseImageIndex, parseImageManifest } = await schemas();
  const document = isIndexType(mediaType)
    ? { type: "index" as const, index: parseImageIndex(bytes), bytes }
    : { type: "manifest" as const, manifest: parseImageManifest(bytes), bytes };
  const said = document.type === "index" ? document.index.mediaType : document.manifest.mediaType;
  if (said !== undefined && said !== mediaType)
    throw galleyError(
      "corrupt",
      "image.media-type",
      `${descriptor.digest} says it is ${said}, its descriptor says ${mediaType}`,
    );
  return document;
}

function notAnImage({ digest, mediaType, artifactType }: Descriptor) {
  const message = `${digest} is an artifact of type ${artifactType ?? mediaType}, not an image`;
  return galleyError("unsupported", "image.artifact", message, { details: { digest, mediaType } });
}

/** Reads and verifies an image's configuration. */
export async function readConfig(
  fetcher: Fetcher,
  descriptor: Descriptor,
  options: ContentOptions,
): Promise<ImageConfig> {
  const bytes = await readContent(fetcher, descriptor, options);
  const { parseImageConfig } = await schemas();
  return parseImageConfig(bytes);
}
