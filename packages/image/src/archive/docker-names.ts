import { isManifestType } from "@galley/spec";
import { readDocument } from "../view/read-document.ts";
import { parseDockerArchiveEntries } from "./docker-archive-entries.ts";
import type { ArchivedImage, ImageArchive } from "./image-archive.ts";
import { type NamedFiles, readSmallFile } from "./named-files.ts";
import { fullNameAnnotation } from "./open-oci-images.ts";

/** The images of an archive that is OCI and docker at once, with the names that only its `manifest.json` has in full. */
export async function dockerNames(files: NamedFiles, archive: ImageArchive): Promise<ArchivedImage[]> {
  const entries = parseDockerArchiveEntries(await readSmallFile(files, "manifest.json"));
  const tags = new Map(entries.map(({ config, repoTags }) => [config, repoTags]));
  const named: ArchivedImage[] = [];
  for (const image of archive.images) {
    const full = image.root.annotations?.[fullNameAnnotation] !== undefined;
    const config = full ? undefined : await configName(archive, image);
    const more = config === undefined ? undefined : tags.get(config);
    named.push(more && more.length > 0 ? { ...image, references: more } : image);
  }
  return named;
}

/** The name of an image's configuration in such an archive. */
async function configName(archive: ImageArchive, { root }: ArchivedImage): Promise<string | undefined> {
  if (!isManifestType(root.mediaType)) return undefined;
  const document = await readDocument(archive, root, {});
  return document.type === "manifest" ? `blobs/${document.manifest.config.digest.replace(":", "/")}` : undefined;
}
