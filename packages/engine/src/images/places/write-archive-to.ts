import { readdir } from "node:fs/promises";
import {
  type ArchiveFormat,
  copyImage,
  type ImageToArchive,
  openLayout,
  type WriteDockerArchiveOptions,
  writeDockerArchive,
  writeDockerDirectory,
  writeOciArchive,
} from "@galley/image";
import { galleyError } from "@galley/spec";
import { systemError } from "../../system-error.ts";
import { writeFileWhole } from "./write-file-whole.ts";

/** Where an archive goes: a host path, or whoever takes a stream of it. */
export type ArchiveTarget = string | ((content: AsyncIterable<Uint8Array>) => Promise<void>);

/** How to write. */
export interface WriteArchiveOptions extends Pick<WriteDockerArchiveOptions, "layerBytes"> {
  readonly format: ArchiveFormat;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes images as an archive or into a directory. A file that was there is replaced when the new one is whole; an OCI layout that
 * is there is added to.
 *
 * @throws unsupported engine.one-image, engine.needs-path; conflict engine.not-empty
 */
export async function writeArchiveTo(
  target: ArchiveTarget,
  images: readonly ImageToArchive[],
  { format, layerBytes, signal }: WriteArchiveOptions,
): Promise<void> {
  const waits = signal ? { signal } : {};
  if (format === "oci-dir" || format === "docker-dir") return writeDirectory(target, images, { format, ...waits });
  const content =
    format === "oci-archive" ? writeOciArchive(images, waits) : writeDockerArchive(images, { ...waits, layerBytes });
  return typeof target === "string" ? writeFileWhole(target, content, signal) : target(content);
}

async function writeDirectory(
  target: ArchiveTarget,
  images: readonly ImageToArchive[],
  { format, ...waits }: { readonly format: "oci-dir" | "docker-dir"; readonly signal?: AbortSignal },
): Promise<void> {
  if (typeof target !== "string")
    throw galleyError("unsupported", "engine.needs-path", `a directory cannot be written to a stream: ${format}`);
  const { layoutFiles } = await import("@galley/image/node");
  const files = layoutFiles(target);
  if (format === "docker-dir") {
    const [image, ...others] = images;
    if (!image || others.length > 0)
      throw galleyError("unsupported", "engine.one-image", "a directory of that kind holds one image");
    await refuseForeign(target);
    await writeDockerDirectory(image.root, image.from, { files, options: waits });
    return;
  }
  const layout = openLayout(files);
  for (const { root, from, references = [] } of images) {
    const written = await copyImage(root, from, layout, waits);
    for (const name of references.length > 0 ? references : ["latest"]) await layout.tag(name, written, waits);
  }
}

/** Names of blobs would be mixed with files that are somebody's. */
async function refuseForeign(hostPath: string): Promise<void> {
  const names = await readdir(hostPath).catch((error: { code?: string }): string[] => {
    if (error.code === "ENOENT") return [];
    throw systemError(`write into ${hostPath}`, error);
  });
  if (names.length > 0 && !names.includes("version"))
    throw galleyError("conflict", "engine.not-empty", `${hostPath} is not empty and not a directory of an image`);
}
