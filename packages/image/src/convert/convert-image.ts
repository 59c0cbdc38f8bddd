import { type Descriptor, type Fetcher, type LayerCompression, platformOf } from "@galley/spec";
import type { Spool } from "../archive/byte-file.ts";
import { overlayContent } from "../content/overlay-content.ts";
import type { WalkOptions } from "../copy/walk-image.ts";
import { findManifest } from "../view/find-manifest.ts";
import { convertDocument } from "./convert-index.ts";
import type { MediaFamily } from "./media-family.ts";

/** What to make of an image. */
export interface ConvertImageOptions extends WalkOptions {
  /** The family of media types; left out, it stays. */
  readonly to?: MediaFamily | undefined;
  /** How layers are to be compressed; left out, they stay as they are. Schema 2 has no zstd. */
  readonly compression?: LayerCompression | undefined;
  /** As of `compress`. */
  readonly level?: number | undefined;
  /** Compress anew even what has that compression, for example to change the level. */
  readonly forceCompression?: boolean | undefined;
  /** Lose what schema 2 cannot hold (annotations, subject, attestations) instead of failing. */
  readonly lossy?: boolean | undefined;
  /** Keeps layers that were compressed anew; without it they are compressed twice: for their digest, and when fetched. */
  readonly spool?: Spool | undefined;
  /** Knows what became of a layer earlier: one that is where the image goes need not be compressed again. */
  readonly made?: ((layer: Descriptor) => Promise<Descriptor | undefined>) | undefined;
  /** Layers that are compressed at a time, 4 when left out. */
  readonly concurrency?: number | undefined;
  /** Called when a layer was compressed anew. */
  readonly onLayer?: ((layer: { readonly before: Descriptor; readonly after: Descriptor }) => void) | undefined;
}

/** A converted image, ready for `copyImage(root, content, to)`. */
export interface ConvertedImage {
  readonly root: Descriptor;
  /** The new documents and layers, and behind them what the image was made from. */
  readonly content: Fetcher;
  /** What was lost, told for people; empty unless `lossy`. */
  readonly lost: readonly string[];
}

/**
 * Converts an image between OCI and Docker's schema 2, and its layers between compressions. Of an index one platform is taken,
 * or with `all` the whole. Configurations stay byte for byte, and so the image's id and its history; everything stays that does
 * not have to change, up to the root's digest. Layers that are not to be handed on stay where they are and need not be there.
 * New digests are of the algorithm of those they replace.
 *
 * @throws unsupported image.zstd-schema2, image.schema2-loss, image.artifact-schema2, image.nested-list; what reading throws
 *
 * @example
 * const { root, content } = await convertImage(oci, layout, { to: "schema2", compression: "gzip" });
 * await copyImage(root, content, registry);
 */
export async function convertImage(
  root: Descriptor,
  from: Fetcher,
  options: ConvertImageOptions,
): Promise<ConvertedImage> {
  const into = overlayContent(from);
  const lost = new Set<string>();
  const work = { from, into, options, lost, done: new Map() };
  const platform = options.platform ?? platformOf(process.arch);
  const start = options.all ? root : (await findManifest(from, root, { ...options, platform })).descriptor;
  return { root: await convertDocument(work, start), content: into, lost: [...lost] };
}
