import { collectGarbage, type Entry } from "@galley/storage";
import { type Digest, formatReference, galleyError, isGalleyError, parseReference, withDefaultTag } from "@galley/spec";
import { type ContainerRecord, containerRecords } from "../containers/container-record.ts";
import { removeContainer } from "../containers/remove-container.ts";
import type { Engine } from "../engine.ts";
import { findImageEntry } from "./find-image.ts";
import { type ImageRecord, imageRecords } from "./image-record.ts";

/** What a removal took away. */
export interface RemovedImage {
  /** Names that are gone. */
  readonly untagged: readonly string[];
  /** Ids of images that are gone. */
  readonly deleted: readonly string[];
}

/**
 * Removes a name, and the image when it was the last one or the image was named by its id. Blobs and layers that nothing
 * needs any more go with it.
 *
 * @throws not-found engine.image-unknown; conflict engine.image-in-use, engine.image-has-names
 */
export async function removeImage(engine: Engine, nameOrId: string, options: { readonly force?: boolean } = {}): Promise<RemovedImage> {
  const entry = findImageEntry(engine, nameOrId);
  const name = nameAmong(nameOrId, entry.names);
  const force = options.force ?? false;
  if (name !== undefined && entry.names.length > 1 && !force) return untag(engine, entry, name);
  if (name === undefined && entry.names.length > 1 && !force) throw hasNames(entry);
  await removeUsers(engine, entry, force);
  imageRecords(engine).delete(entry.key);
  await collect(engine);
  return { untagged: entry.names, deleted: [entry.key] };
}

function untag(engine: Engine, entry: Entry<ImageRecord>, name: string): RemovedImage {
  imageRecords(engine).put(entry.key, entry.value, { names: entry.names.filter((other) => other !== name) });
  return { untagged: [name], deleted: [] };
}

function nameAmong(asked: string, names: readonly string[]): string | undefined {
  try {
    const canonical = formatReference(withDefaultTag(parseReference(asked)));
    return names.find((name) => name === canonical);
  } catch (error) {
    if (isGalleyError(error, "invalid")) return undefined;
    throw error;
  }
}

function hasNames({ key, names }: Entry<ImageRecord>): Error {
  const message = `unable to delete image "${key}" by ID with more than one tag (${names.join(", ")}): please force removal`;
  return galleyError("conflict", "engine.image-has-names", message);
}

async function removeUsers(engine: Engine, { key }: Entry<ImageRecord>, force: boolean): Promise<void> {
  const users = containerRecords(engine)
    .list()
    .filter(({ value }) => value.imageId === key);
  const [first] = users;
  if (first && !force) throw inUse(key, first.value);
  for (const { value } of users) await removeContainer(engine, value.id, { force: true, timeoutS: 0 });
}

function inUse(imageId: string, { id }: ContainerRecord): Error {
  const message = `image used by ${id}: image is in use by a container: consider removing the container before removing image ${imageId.slice(0, 12)}`;
  return galleyError("conflict", "engine.image-in-use", message);
}

/** Removes blobs and layers that no image and no pull in progress names. */
async function collect(engine: Engine): Promise<void> {
  const { content, layers, leases } = engine.storage;
  const roots = async (): Promise<{ blobs: Set<Digest>; layers: Set<Digest> }> => {
    const images = imageRecords(engine).list();
    const blobs = images.flatMap(({ value }) => [value.manifest, value.config, ...value.layers.map(({ descriptor }) => descriptor)]);
    const chains = images.flatMap(({ value }) => value.layers.map(({ chainId }) => chainId));
    return { blobs: new Set(blobs.map(({ digest }) => digest)), layers: new Set(chains) };
  };
  await collectGarbage({ content, layers, leases, roots });
}
