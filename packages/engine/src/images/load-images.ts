import { formatReference, galleyError, type Platform, wrapError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { archiveAdmission } from "./admission.ts";
import type { ImageRecord } from "./image-record.ts";
import { archiveNames } from "./places/archive-names.ts";
import { openAnyArchive } from "./places/open-any-archive.ts";
import { type PullProgress, storeImage } from "./store-image.ts";

/** How to load. */
export interface LoadOptions {
  /** Which image of an index; this machine's for Linux when left out. */
  readonly platform?: Platform | undefined;
  /** Read instead of the usual policy.json (containers-policy.json(5)). */
  readonly signaturePolicyPath?: string;
  readonly onProgress?: ((progress: PullProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An image that came out of an archive. */
export interface LoadedImage {
  readonly image: ImageRecord;
  /** What the archive calls it, in canonical form; perhaps nothing. */
  readonly names: readonly string[];
}

/**
 * Brings all images of an archive into the store, whatever its form: a docker archive or an OCI archive, compressed or not, an OCI
 * layout, a directory as skopeo's `dir:`. A host path is read in place; a stream is kept in a nameless file beneath the engine's
 * root, because archives say at their end what they have at their beginning.
 *
 * @throws not-found, forbidden for a path that cannot be read; forbidden trust.rejected by the policy; unsupported image.not-an-archive and its like; what `storeImage` throws
 *
 * @example
 * for (const { image, names } of await loadImages(engine, "images.tar")) console.log(image.id, names.join(" "));
 */
export async function loadImages(
  engine: Engine,
  from: string | AsyncIterable<Uint8Array>,
  { platform, signaturePolicyPath, onProgress, signal }: LoadOptions = {},
): Promise<LoadedImage[]> {
  await using archive = await openAnyArchive(engine, from, signal).catch((error: unknown) => {
    throw wrapError(`load ${typeof from === "string" ? from : "images from a stream"}`, error);
  });
  if (archive.images.length === 0) throw galleyError("not-found", "engine.archive-empty", "there is no image in it");
  const admit = await archiveAdmission(archive.format, from, signaturePolicyPath);
  const loaded: LoadedImage[] = [];
  for (const archived of archive.images) {
    const references = archiveNames(archive.format, archived);
    const source = { content: archive, root: archived.root };
    const image = await storeImage(engine, source, { references, platform, admit, onProgress, signal });
    loaded.push({ image, names: references.map(formatReference) });
  }
  return loaded;
}
