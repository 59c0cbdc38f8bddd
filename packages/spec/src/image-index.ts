import { z } from "zod";
import { descriptorSchema, stringMapSchema } from "./descriptor-schema.ts";
import { maxManifests } from "./limits.ts";
import { isManifestType } from "./media-types.ts";
import { parseDocument } from "./parse-document.ts";

const absent = z.undefined("an index with config or layers").optional();

/** OCI image-spec, image-index.md; Docker's manifest list has the same shape. */
export const imageIndexSchema = z.object({
  schemaVersion: z.literal(2),
  mediaType: z
    .string()
    .refine((type) => !isManifestType(type), "the media type is a manifest's")
    .exactOptional(),
  artifactType: z.string().exactOptional(),
  manifests: z.array(descriptorSchema).max(maxManifests),
  subject: descriptorSchema.exactOptional(),
  annotations: stringMapSchema.exactOptional(),
  // One document must not be an index for one reader and a manifest for another.
  config: absent,
  layers: absent,
});

/** The manifests of one image for several platforms. */
export type ImageIndex = Omit<z.infer<typeof imageIndexSchema>, "config" | "layers">;

/**
 * Reads an image index. Throws `corrupt`.
 *
 * @example
 * const { manifests } = parseImageIndex(bytes);
 */
export function parseImageIndex(input: unknown): ImageIndex {
  return parseDocument(imageIndexSchema, input, { name: "image index" });
}
