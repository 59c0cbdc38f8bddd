import type { Engine } from "../engine.ts";
import { collectImages } from "../images/collect-images.ts";
import { findManifestList } from "./find-manifest-list.ts";
import { manifestListRecords } from "./manifest-list-record.ts";

/**
 * Removes a list; images in it that have names or containers of their own stay.
 *
 * @throws not-found engine.manifest-list-unknown
 *
 * @example
 * const { untagged, deleted } = await removeManifestList(engine, "app:1");
 */
export async function removeManifestList(
  engine: Engine,
  list: string,
): Promise<{ readonly untagged: readonly string[]; readonly deleted: string }> {
  const { key, names } = findManifestList(engine, list);
  engine.storage.records.transaction(() => manifestListRecords(engine).delete(key), { durable: true, removes: true });
  await collectImages(engine);
  return { untagged: names, deleted: key };
}
