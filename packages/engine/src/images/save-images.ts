import type { ArchiveFormat, ImageLayer, ImageToArchive } from "@galley/image";
import { formatReference, parseReference, withDefaultTag } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { findImageEntry } from "./find-image.ts";
import { leaseImage } from "./lease-image.ts";
import { nameAmong } from "./name-among.ts";
import { type FormedImage, formedImage, type ImageForm } from "./places/formed-image.ts";
import { tellingFetcher } from "./places/telling-fetcher.ts";
import { type ArchiveTarget, writeArchiveTo } from "./places/write-archive-to.ts";
import type { TransferProgress } from "./transfer-progress.ts";

/** How to save. */
export interface SaveOptions extends Pick<ImageForm, "compression"> {
  /** `docker-archive` when left out. */
  readonly format?: ArchiveFormat | undefined;
  /** More names for the first image in the archive; the store need not know them. */
  readonly additionalNames?: readonly string[] | undefined;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes images of the store into an archive or a directory that other engines load. An image that is asked for by a name has that
 * name there, one that is asked for by its id has none.
 *
 * @throws not-found engine.image-unknown; unsupported engine.one-image, engine.needs-path; conflict engine.not-empty
 *
 * @example
 * await saveImages(engine, ["app:1", "db:2"], "images.tar");
 */
export async function saveImages(
  engine: Engine,
  names: readonly string[],
  target: ArchiveTarget,
  options: SaveOptions = {},
): Promise<void> {
  const { format = "docker-archive", onProgress, signal } = options;
  await using stack = new AsyncDisposableStack();
  const images: ImageToArchive[] = [];
  for (const [index, name] of names.entries()) {
    const { value: image, names: known } = findImageEntry(engine, name);
    stack.use(await leaseImage(engine, image));
    const formed: FormedImage = stack.use(await formedImage(engine, image, formFor(format, options)));
    const asked = nameAmong(name, known);
    const more = index === 0 ? (options.additionalNames ?? []) : [];
    const references = [...(asked === undefined ? [] : [asked]), ...more.map(canonical)];
    images.push({ root: formed.root, from: tellingFetcher(formed.content, { onProgress }), references });
  }
  const layerBytes = (layer: ImageLayer) => archiveBytes(engine, layer);
  await writeArchiveTo(target, images, { format, layerBytes, signal });
}

/** A docker archive's layers are not compressed and it has no manifests: it is made of any form. */
function formFor(format: ArchiveFormat, { compression, onProgress, signal }: SaveOptions) {
  if (format === "docker-archive") return {};
  return { format: format === "docker-dir" ? ("v2s2" as const) : ("oci" as const), compression, onProgress, signal };
}

function canonical(name: string): string {
  return formatReference(withDefaultTag(parseReference(name)));
}

/** The size of a layer's archive was noted when it was unpacked. */
async function archiveBytes(engine: Engine, { chainId }: ImageLayer): Promise<number | undefined> {
  const info = (await engine.storage.layers.get(chainId))?.info;
  return typeof info?.["archiveBytes"] === "number" ? info["archiveBytes"] : undefined;
}
