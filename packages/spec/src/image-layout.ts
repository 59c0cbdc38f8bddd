import { z } from "zod";
import { galleyError } from "./error.ts";
import { parseDocument } from "./parse-document.ts";

/** The file `oci-layout` (OCI image-spec, image-layout.md). */
export const imageLayoutSchema = z.object({ imageLayoutVersion: z.string() });

export type ImageLayout = z.infer<typeof imageLayoutSchema>;

/**
 * Reads the file `oci-layout`. Throws `corrupt`, and `unsupported` for a version that is not 1.
 *
 * @example
 * parseImageLayout(await readFile("image/oci-layout")); // { imageLayoutVersion: "1.0.0" }
 */
export function parseImageLayout(input: unknown): ImageLayout {
  const layout = parseDocument(imageLayoutSchema, input, { name: "image layout" });
  if (/^1\.\d+\.\d+$/.test(layout.imageLayoutVersion)) return layout;
  const version = layout.imageLayoutVersion.slice(0, 40);
  throw galleyError("unsupported", "spec.layout-version", `image layout version ${JSON.stringify(version)}`);
}
