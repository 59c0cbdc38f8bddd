import {
  type ContentOptions,
  type Descriptor,
  type Digest,
  digestAlgorithm,
  type ExecutionConfig,
  type Fetcher,
  galleyError,
  type HistoryEntry,
  type ImageConfig,
  type Platform,
  platformOf,
} from "@galley/spec";
import type { Spool } from "../archive/byte-file.ts";
import { decompress } from "../compression/decompress.ts";
import { onlySignal } from "../content/only-signal.ts";
import { overlayContent } from "../content/overlay-content.ts";
import { readContent } from "../content/read-content.ts";
import { verified } from "../content/verified.ts";
import { familyOf, familyTypes } from "../convert/media-family.ts";
import { flattenLayers } from "../flatten/flatten-layers.ts";
import { editedPairs, type PairEdits } from "../indexes/edit-index.ts";
import { writeChanges } from "../tree/write-changes.ts";
import { findManifest } from "../view/find-manifest.ts";
import { type ImageLayer, openImage } from "../view/open-image.ts";
import { type AppendedLayer, appendLayer } from "./append-layer.ts";
import { applyChanges, type ConfigChange } from "./config-change.ts";

/** What to change of an image. */
export interface MutateImageOptions extends ContentOptions {
  /** Which image of an index; this machine's for Linux when left out. */
  readonly choose?: Platform | undefined;
  /** Put on top, in this order. */
  readonly appendLayers?: readonly AppendedLayer[] | undefined;
  /** Members of the configuration's `config` to set; those that are undefined are removed. */
  readonly config?: { readonly [Key in keyof ExecutionConfig]?: ExecutionConfig[Key] | undefined } | undefined;
  /** Instructions, after `config`: see `parseChange`. */
  readonly changes?: readonly ConfigChange[] | undefined;
  /** One layer of all, the appended ones included; see `flattenLayers`. The history begins anew with it. Best with a spool. */
  readonly squash?: boolean | undefined;
  /** History without layers, after that of the appended ones. */
  readonly history?: readonly HistoryEntry[] | undefined;
  /** RFC 3339; left out, it stays. */
  readonly created?: string | undefined;
  readonly author?: string | undefined;
  /** The platform that the image is to say it is for. */
  readonly platform?: Platform | undefined;
  /** Of the manifest, to set and to remove. Schema 2 has none. */
  readonly annotations?: PairEdits | undefined;
  /** Keeps the blobs of layers that come as streams; without it they are kept in memory. */
  readonly spool?: Spool | undefined;
}

/** A changed image, ready for `copyImage(descriptor, content, to)`. */
export interface MutatedImage {
  readonly descriptor: Descriptor;
  readonly configDescriptor: Descriptor;
  readonly config: ImageConfig;
  /** The new parts, and behind them what the image was made from. */
  readonly content: Fetcher;
}

/**
 * Makes another image from one: layers on top, another configuration, other annotations. The family of media types stays, and
 * members that we do not know. The same changes of the same image give the same image.
 *
 * @throws what `openImage` throws; unsupported image.zstd-schema2, image.schema2-loss
 *
 * @example
 * const { descriptor, content } = await mutateImage(root, registry, {
 *   appendLayers: [{ tar: createLayer(files) }],
 *   changes: [parseChange('ENTRYPOINT ["/bin/hello"]')],
 * });
 * await copyImage(descriptor, content, registry);
 */
export async function mutateImage(root: Descriptor, from: Fetcher, options: MutateImageOptions): Promise<MutatedImage> {
  const platform = options.choose ?? platformOf(process.arch);
  const found = await findManifest(from, root, { ...options, platform });
  const base = await openImage(from, found.descriptor, { ...options, platform });
  const family = familyOf(found.descriptor.mediaType);
  const algorithm = digestAlgorithm(found.descriptor.digest);
  const into = overlayContent(from);
  const added: { descriptor: Descriptor; diffId: Digest }[] = [];
  const places = { into, family, algorithm, spool: options.spool, ...onlySignal(options) };
  for (const layer of options.appendLayers ?? []) added.push(await appendLayer(layer, places));
  const below = base.layers.map(({ descriptor, diffId }) => ({ descriptor, diffId }));
  const all = [...below, ...added];
  const layers = options.squash ? [await appendLayer(squashed(all, into, options), places)] : all;

  const rawConfig = parse<ImageConfig>(await readContent(from, base.configDescriptor, options));
  const config = changedConfig(rawConfig, base.config, { options, diffIds: layers.map(({ diffId }) => diffId) });
  const configDescriptor = into.addJson(familyTypes[family].config, config, algorithm);
  const raw = parse<{ annotations?: Record<string, string>; layers: Descriptor[] }>(found.bytes);
  const manifest = {
    ...raw,
    mediaType: found.descriptor.mediaType,
    config: configDescriptor,
    layers: options.squash
      ? layers.map(({ descriptor }) => descriptor)
      : [...raw.layers, ...added.map(({ descriptor }) => descriptor)],
    annotations: options.annotations ? editedPairs(raw.annotations, options.annotations) : raw.annotations,
  };
  checkFamily(manifest, family);
  const descriptor = into.addJson(found.descriptor.mediaType, manifest, algorithm);
  return { descriptor: { ...descriptor, platform: platformIn(config) }, configDescriptor, config, content: into };
}

type StoredLayer = Pick<ImageLayer, "descriptor" | "diffId">;

/** All layers as one that is made each time it is read. */
function squashed(layers: readonly StoredLayer[], from: Fetcher, options: MutateImageOptions): AppendedLayer {
  const open = layers.map(
    ({ descriptor }) =>
      async function* () {
        yield* decompress(verified(descriptor, await from.fetch(descriptor, onlySignal(options))), onlySignal(options));
      },
  );
  return { tar: () => writeChanges(flattenLayers(open)) };
}

function parse<Value>(bytes: Uint8Array): Value {
  return JSON.parse(Buffer.from(bytes).toString()) as Value;
}

function changedConfig(
  raw: ImageConfig,
  base: ImageConfig,
  { options, diffIds }: { options: MutateImageOptions; diffIds: readonly Digest[] },
): ImageConfig {
  const { id: _id, parent: _parent, container: _container, container_config: _command, ...kept } = raw;
  const { created, author, platform = {} } = options;
  const config = withoutUndefined({ ...base.config, ...options.config });
  return {
    ...kept,
    ...platform,
    ...(created === undefined ? {} : { created }),
    ...(author === undefined ? {} : { author }),
    config: applyChanges(config, options.changes ?? []),
    rootfs: { type: "layers", diff_ids: [...diffIds] },
    ...historyOf(base, options),
  };
}

/** Entries with layers are as many as layers, so what is not known of those below gets empty ones. */
function historyOf(base: ImageConfig, options: MutateImageOptions): { history?: HistoryEntry[] } {
  const { appendLayers = [], history: more = [], created, squash } = options;
  const stamp = created === undefined ? {} : { created };
  const entries = appendLayers.map(({ history = {} }) => ({ ...stamp, ...history }));
  const layers = squash ? [entries.at(-1) ?? stamp] : entries;
  const empty = more.map((entry) => ({ ...stamp, ...entry, empty_layer: true }));
  if (layers.length + empty.length === 0) return base.history ? { history: base.history } : {};
  if (squash) return { history: [...layers, ...empty] };
  const before = base.history ?? [];
  const missing = base.rootfs.diff_ids.length - before.filter(({ empty_layer }) => !empty_layer).length;
  const unknown = Array.from({ length: Math.max(0, missing) }, () => ({}));
  return { history: [...before, ...unknown, ...layers, ...empty] };
}

function withoutUndefined(config: object): ExecutionConfig {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined)) as ExecutionConfig;
}

function checkFamily({ annotations }: { annotations: unknown }, family: string): void {
  if (family === "schema2" && annotations)
    throw galleyError("unsupported", "image.schema2-loss", "Docker's schema 2 cannot hold annotations of the image");
}

function platformIn({ os, architecture, variant }: ImageConfig): Platform {
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}
