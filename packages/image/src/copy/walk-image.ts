import {
  type ContentOptions,
  type Descriptor,
  type Fetcher,
  galleyError,
  type ImageManifest,
  type Platform,
  platformOf,
} from "@galley/spec";
import { isForeignLayer } from "../convert/media-family.ts";
import { maxIndexDepth } from "../limits.ts";
import { choosePlatform } from "../view/choose-platform.ts";
import { readDocument } from "../view/read-document.ts";

/** A document of an image with the blobs that must be there before it. */
export interface ImagePart {
  /** Configuration and layers of a manifest, each once; none for an index. */
  readonly blobs: readonly Descriptor[];
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** Options of `walkImage`. */
export interface WalkOptions extends ContentOptions {
  /** Every platform of an index, and the index itself. Otherwise one manifest. */
  readonly all?: boolean | undefined;
  /** Which one; this machine's for Linux when left out. */
  readonly platform?: Platform | undefined;
  /** Leave out layers that are not to be handed on and say where else they are (layer.md "Non-Distributable Layers"). */
  readonly skipForeign?: boolean | undefined;
}

/**
 * The documents of an image in the order in which they may be written: what is pointed to first, the root last. Artifacts
 * are walked like images.
 *
 * @example
 * for await (const { descriptor, blobs } of walkImage(root, fetcher)) console.log(descriptor.digest, blobs.length);
 */
export function walkImage(root: Descriptor, from: Fetcher, options: WalkOptions = {}): AsyncIterable<ImagePart> {
  return walk({ from, options, seen: new Set() }, root, 0);
}

interface Walk {
  readonly from: Fetcher;
  readonly options: WalkOptions;
  readonly seen: Set<string>;
}

async function* walk(work: Walk, descriptor: Descriptor, depth: number): AsyncIterable<ImagePart> {
  if (depth > maxIndexDepth)
    throw galleyError("unsupported", "image.index-depth", `an index of indexes is more than ${maxIndexDepth} deep`);
  const document = await readDocument(work.from, descriptor, work.options);
  const { bytes } = document;
  if (document.type === "manifest") return yield { blobs: blobsOf(document.manifest, work.options), descriptor, bytes };
  if (!work.options.all) {
    const platform = work.options.platform ?? platformOf(process.arch);
    return yield* walk(work, choosePlatform(document.index.manifests, platform), depth + 1);
  }
  for (const child of document.index.manifests) {
    if (work.seen.has(child.digest)) continue;
    work.seen.add(child.digest);
    yield* walk(work, child, depth + 1);
  }
  yield { blobs: [], descriptor, bytes };
}

function blobsOf({ config, layers }: ImageManifest, { skipForeign }: WalkOptions): Descriptor[] {
  const wanted = layers.filter(
    ({ mediaType, urls = [] }) => !(skipForeign && urls.length > 0 && isForeignLayer(mediaType)),
  );
  return [...new Map([config, ...wanted].map((blob) => [blob.digest, blob])).values()];
}
