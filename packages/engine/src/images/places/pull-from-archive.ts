import type { ArchivedImage, ImageArchive } from "@galley/image";
import { formatReference, galleyError, type Platform, wrapError } from "@galley/spec";
import type { Engine } from "../../engine.ts";
import { archiveAdmission } from "../admission.ts";
import type { ImageRecord } from "../image-record.ts";
import { type PullProgress, storeImage } from "../store-image.ts";
import { archiveNames } from "./archive-names.ts";
import type { ArchivePlace } from "./image-place.ts";
import { openAnyArchive } from "./open-any-archive.ts";

/** How to take an image out. */
export interface PullFromArchiveOptions {
  readonly platform?: Platform | undefined;
  /** Read instead of the usual policy.json. */
  readonly signaturePolicyPath?: string;
  readonly onProgress?: ((progress: PullProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Brings one image of an archive into the store: the one that is named, or the only one there is. */
export async function pullFromArchive(
  engine: Engine,
  place: ArchivePlace,
  { platform, signaturePolicyPath, onProgress, signal }: PullFromArchiveOptions,
): Promise<ImageRecord> {
  const { transport, hostPath, name } = place;
  try {
    await using archive = await openAnyArchive(engine, hostPath, signal);
    const archived = chooseImage(archive, name);
    const references = archiveNames(archive.format, archived);
    const admit = await archiveAdmission(archive.format, hostPath, signaturePolicyPath);
    const source = { content: archive, root: archived.root };
    return await storeImage(engine, source, { references, platform, admit, onProgress, signal });
  } catch (error) {
    throw wrapError(`initializing source ${transport}:${hostPath}${name === undefined ? "" : `:${name}`}`, error);
  }
}

function chooseImage({ format, images }: ImageArchive, name: string | undefined): ArchivedImage {
  const [first] = images;
  if (name === undefined || name === "") {
    if (first && images.length === 1) return first;
    throw galleyError(
      "conflict",
      "engine.image-ambiguous",
      `there are ${images.length} images in it: say which by its name`,
    );
  }
  const wanted = archiveNames(format, { references: [name] }).map(formatReference);
  const found = images.find(
    (image) =>
      image.references.includes(name) ||
      archiveNames(format, image).some((reference) => wanted.includes(formatReference(reference))),
  );
  if (found) return { root: found.root, references: [name] };
  throw galleyError("not-found", "engine.image-unknown", `there is no image ${JSON.stringify(name)} in it`);
}
