import { z } from "zod";
import { descriptorSchema, stringMapSchema } from "./descriptor-schema.ts";
import { galleyError } from "./error.ts";
import { maxLayers } from "./limits.ts";
import { isIndexType } from "./media-types.ts";
import { parseDocument } from "./parse-document.ts";

/** OCI image-spec, manifest.md; Docker's schema 2 manifest has the same shape. */
export const imageManifestSchema = z.object({
  schemaVersion: z.literal(2),
  mediaType: z
    .string()
    .refine((type) => !isIndexType(type), "the media type is an index's")
    .exactOptional(),
  artifactType: z.string().exactOptional(),
  config: descriptorSchema,
  layers: z.array(descriptorSchema).max(maxLayers),
  subject: descriptorSchema.exactOptional(),
  annotations: stringMapSchema.exactOptional(),
  // One document must not be a manifest for one reader and an index for another.
  manifests: z.undefined("a manifest with a list of manifests").optional(),
});

/** The parts of one image. */
export type ImageManifest = Omit<z.infer<typeof imageManifestSchema>, "manifests">;

/**
 * Reads an image manifest. Throws `corrupt`; `unsupported` for Docker's schema 1.
 *
 * @example
 * const { config, layers } = parseImageManifest(bytes);
 */
export function parseImageManifest(input: unknown): ImageManifest {
  return parseDocument(notSchema1.pipe(imageManifestSchema), input, { name: "image manifest" });
}

const notSchema1 = z.unknown().transform((value) => {
  const version = typeof value === "object" && value !== null && "schemaVersion" in value && value.schemaVersion;
  if (version !== 1) return value;
  throw galleyError("unsupported", "spec.manifest-schema1", "image manifests of Docker's schema 1 are not supported");
});
