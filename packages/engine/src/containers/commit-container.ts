import {
  type ConfigChange,
  convertImage,
  createImage,
  type MutatedImage,
  type MutateImageOptions,
  mutateImage,
  parseChange,
  writeLayer,
} from "@galley/image";
import { type ExecutionConfig, galleyError, layerCompression } from "@galley/spec";
import type { Engine } from "../engine.ts";
import type { ImageRecord } from "../images/image-record.ts";
import { leaseImage } from "../images/lease-image.ts";
import { madeReference } from "../images/made-reference.ts";
import { makeSpoolDirectory } from "../images/places/spool-directory.ts";
import { type PullProgress, storeImage } from "../images/store-image.ts";
import { containerRoot, upperRoot } from "../trees/tree-roots.ts";
import { walkRoot } from "../trees/walk-root.ts";
import { commitChanges, commitConfig } from "./commit-config.ts";
import { containerImage } from "./container-image.ts";
import type { ContainerRecord } from "./container-record.ts";
import { containerState } from "./container-state.ts";
import { findContainer } from "./find-container.ts";
import { whileFrozen } from "./while-frozen.ts";

/** How to commit. */
export interface CommitOptions {
  /** A name for the image; without a registry it is `localhost/…`. */
  readonly name?: string | undefined;
  /** Instructions of a Dockerfile, as `parseChange` of `@galley/image` reads them. */
  readonly changes?: readonly string[] | undefined;
  /** Members of the image's configuration that replace the container's, before `changes`. */
  readonly config?: ExecutionConfig | undefined;
  readonly author?: string | undefined;
  /** For the history; as with Podman in Docker's format only. */
  readonly message?: string | undefined;
  /** OCI when left out. */
  readonly format?: "oci" | "docker" | undefined;
  /** Make one layer of all files, in place of one on top of the image's. */
  readonly squash?: boolean | undefined;
  /** Declare the places of the container's volumes as volumes of the image. */
  readonly includeVolumes?: boolean | undefined;
  /** Let a running container stand still meanwhile. */
  readonly pause?: boolean | undefined;
  readonly onProgress?: ((progress: PullProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes an image of a container: its image, and on top one layer with what the container has written, read from its writable layer
 * alone. The layer's archive stays as it is until it is pushed, since compressing takes far longer than all the rest; its files are
 * unpacked from that archive, so what the image holds here is what others will get of it.
 *
 * @throws not-found engine.container-unknown; invalid image.change, engine.message-format, a name that is none;
 *   unsupported image.whiteout-name; conflict stage.walk-changed; what `storeImage` throws
 *
 * @example
 * const { id } = await commitContainer(engine, "web", { name: "web:patched", changes: ["CMD nginx -g 'daemon off;'"] });
 */
export async function commitContainer(
  engine: Engine,
  nameOrId: string,
  options: CommitOptions = {},
): Promise<ImageRecord> {
  checkMessage(options);
  const references = options.name === undefined ? [] : [madeReference(options.name)];
  const changes = (options.changes ?? []).map((text) => parseChange(text));
  const record = findContainer(engine, nameOrId);
  const image = containerImage(engine, record);
  await using _lease = await leaseImage(engine, image);
  const { fileSpool } = await import("@galley/image/node");
  await using files = fileSpool({ hostPath: await makeSpoolDirectory(engine) });
  const waits = options.signal ? { signal: options.signal } : {};
  const make = () => makeImage(engine, { record, image, changes, spool: files.spool }, options);
  const stops = options.pause === true && containerState(engine, record).process !== undefined;
  const made = stops ? await whileFrozen(engine, record, make) : await make();
  const { root, content } = await convertImage(made.descriptor, made.content, {
    ...{
      to: options.format === "docker" ? "schema2" : "oci",
      lossy: true,
      spool: files.spool,
      platform: image.platform,
    },
    ...(options.format === "docker" && hasZstd(image) ? { compression: "gzip" } : {}),
    ...waits,
  });
  const { onProgress } = options;
  return await storeImage(engine, { content, root }, { references, platform: image.platform, onProgress, ...waits });
}

function checkMessage({ message, format }: CommitOptions): void {
  if (message === undefined || message === "" || format === "docker") return;
  const why = "messages are only compatible with the docker image format (-f docker)";
  throw galleyError("invalid", "engine.message-format", why);
}

function hasZstd({ layers }: ImageRecord): boolean {
  return layers.some(({ descriptor }) => layerCompression(descriptor.mediaType) === "zstd");
}

interface Making {
  readonly record: ContainerRecord;
  readonly image: ImageRecord;
  readonly changes: readonly ConfigChange[];
  readonly spool: NonNullable<MutateImageOptions["spool"]>;
}

async function makeImage(engine: Engine, making: Making, options: CommitOptions): Promise<MutatedImage> {
  const { record, image, changes, spool } = making;
  const base = options.squash ? await emptyImage(image) : { root: image.manifest, content: engine.storage.content };
  const author = options.author ?? image.author;
  const history = {
    created_by: record.command.join(" "),
    comment: options.message || `FROM ${record.imageName}`,
    ...(options.author === undefined ? {} : { author: options.author }),
  };
  return mutateImage(base.root, base.content, {
    choose: image.platform,
    created: new Date().toISOString(),
    ...(author === undefined ? {} : { author }),
    appendLayers: [{ tar: committedTree(engine, making, options), compression: "none", history }],
    config: { ...commitConfig(record, image.execution), ...options.config },
    changes: [...commitChanges(record, options.includeVolumes ?? false), ...changes],
    spool,
    ...(options.signal ? { signal: options.signal } : {}),
  });
}

async function emptyImage({ platform }: ImageRecord) {
  const { descriptor, content } = await createImage({ layers: [], platform });
  return { root: descriptor, content };
}

function committedTree(
  engine: Engine,
  { record, image }: Making,
  { squash, pause, signal }: CommitOptions,
): AsyncIterable<Uint8Array> {
  const live = pause !== true && containerState(engine, record).process !== undefined;
  const walk = { title: `commit container ${record.name}`, content: true, xattrs: true, live, signal };
  if (squash) return writeLayer(walkRoot(engine, containerRoot(engine, record, image), walk), { live });
  const upper = upperRoot(engine, record);
  return writeLayer(upper ? walkRoot(engine, upper, walk) : nothing(), { marks: "trusted", live });
}

/** A container that was never started has written nothing. */
async function* nothing(): AsyncGenerator<never> {}
