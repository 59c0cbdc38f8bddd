import { galleyError, isGalleyError } from "@galley/spec";
import { type ContainerRecord, containerRecords } from "../containers/container-record.ts";
import { reclaimContainers } from "../containers/reclaim-containers.ts";
import { removeContainer } from "../containers/remove-container.ts";
import type { Engine } from "../engine.ts";
import { unmountImage } from "../mounts/mount-image.ts";
import { isMounted } from "../mounts/mount-record.ts";
import { collectImages } from "./collect-images.ts";
import { findImageEntry } from "./find-image.ts";
import { imageRecords } from "./image-record.ts";
import { nameAmong } from "./name-among.ts";

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
 * @param options.force removes an image with several names by its id, and the containers made from an image
 * @throws not-found engine.image-unknown; conflict engine.image-in-use, engine.image-has-names
 *
 * @example
 * const { untagged, deleted } = await removeImage(engine, "docker.io/library/alpine:3");
 */
export async function removeImage(
  engine: Engine,
  nameOrId: string,
  options: { readonly force?: boolean } = {},
): Promise<RemovedImage> {
  await engine.storage.reclaim();
  await reclaimContainers(engine); // one that was to be gone by now keeps no image
  try {
    if (options.force) await removeUsers(engine, nameOrId);
    return engine.storage.records.transaction(() => removeRecord(engine, nameOrId, options.force ?? false), {
      durable: true,
      removes: true,
    });
  } finally {
    await collectImages(engine); // also what a removal has left that broke off after the record
  }
}

/** Looks and removes in one transaction: names may move and containers be made meanwhile. */
function removeRecord(engine: Engine, nameOrId: string, force: boolean): RemovedImage {
  const { key, value, names } = findImageEntry(engine, nameOrId);
  const name = nameAmong(nameOrId, names);
  const records = imageRecords(engine);
  if (name !== undefined && names.length > 1) {
    records.put(key, value, { names: names.filter((other) => other !== name) });
    return { untagged: [name], deleted: [] };
  }
  if (names.length > 1 && !force) throw hasNames(key, names);
  const [user] = usersOf(engine, key);
  if (user) throw inUse(key, user);
  if (isMounted(engine, key)) throw mounted(key);
  records.delete(key);
  return { untagged: names, deleted: [key] };
}

function hasNames(id: string, names: readonly string[]): Error {
  const message = `unable to delete image "${id}" by ID with more than one tag (${names.join(", ")}): please force removal`;
  return galleyError("conflict", "engine.image-has-names", message);
}

function usersOf(engine: Engine, imageId: string): ContainerRecord[] {
  return containerRecords(engine)
    .list()
    .flatMap(({ value }) => (value.imageId === imageId ? [value] : []));
}

/** Removes the containers of an image that is about to go; one that only loses a name keeps them. */
async function removeUsers(engine: Engine, nameOrId: string): Promise<void> {
  const { key, names } = findImageEntry(engine, nameOrId);
  if (nameAmong(nameOrId, names) !== undefined && names.length > 1) return;
  if (isMounted(engine, key)) await unmountImage(engine, key, { force: true });
  for (const { id } of usersOf(engine, key))
    await removeContainer(engine, id, { force: true, timeoutS: 0 }).catch(unlessGone);
}

function unlessGone(error: unknown): void {
  if (!isGalleyError(error, "not-found")) throw error;
}

function mounted(id: string): Error {
  const message = `image ${id.slice(0, 12)} is mounted on the host: unmount it first, or force removal`;
  return galleyError("conflict", "engine.image-in-use", message);
}

function inUse(imageId: string, { id }: ContainerRecord): Error {
  const message = `image used by ${id}: image is in use by a container: consider removing the container before removing image ${imageId.slice(0, 12)}`;
  return galleyError("conflict", "engine.image-in-use", message);
}
