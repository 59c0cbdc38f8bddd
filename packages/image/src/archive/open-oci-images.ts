import { type Descriptor, galleyError } from "@galley/spec";
import { openLayout } from "../layout/open-layout.ts";
import type { ArchivedImage, ImageArchive } from "./image-archive.ts";
import { type NamedFiles, readSmallFile } from "./named-files.ts";

/** The annotation with which containerd and Docker name an image in full. */
export const fullNameAnnotation = "io.containerd.image.name";
/** The specification's (annotations.md), often a tag alone. */
export const nameAnnotation = "org.opencontainers.image.ref.name";

/** The images of an OCI layout, in a directory or an archive (image-layout.md). */
export async function openOciImages(files: NamedFiles, format: "oci-archive" | "oci-dir"): Promise<ImageArchive> {
  const marker = await readSmallFile(files, "oci-layout");
  const { parseImageLayout } = await import("@galley/spec/schemas");
  if (marker) parseImageLayout(marker);
  const layout = openLayout({ ...files, write: readOnly });
  const { manifests } = await layout.readIndex();
  return { format, images: grouped(manifests), fetch: (descriptor, options) => layout.fetch(descriptor, options) };
}

/** An image with several names is in the index several times. */
function grouped(manifests: readonly Descriptor[]): ArchivedImage[] {
  const images = new Map<string, { root: Descriptor; references: string[] }>();
  for (const root of manifests) {
    const image = images.get(root.digest) ?? { root, references: [] };
    const name = root.annotations?.[fullNameAnnotation] ?? root.annotations?.[nameAnnotation];
    if (name !== undefined && !image.references.includes(name)) image.references.push(name);
    images.set(root.digest, image);
  }
  return [...images.values()];
}

async function readOnly(): Promise<void> {
  throw galleyError("unsupported", "image.read-only", "an archive that was opened for reading cannot be written");
}
