import { formatReference, galleyError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { manifestListRecords } from "../manifests/manifest-list-record.ts";
import { findImageEntry } from "./find-image.ts";
import { imageRecords } from "./image-record.ts";
import { madeReference } from "./made-reference.ts";

/**
 * Gives an image one more name; another image that has the name loses it. One without a registry is of this machine: `localhost/…`.
 *
 * @throws not-found engine.image-unknown; invalid for a target that is no name
 *
 * @example
 * tagImage(engine, "alpine", "localhost:5000/base:1");
 */
export function tagImage(engine: Engine, source: string, target: string): void {
  const reference = madeReference(target);
  if (reference.digest)
    throw galleyError("invalid", "engine.bad-tag", `${target}: a name with a digest cannot be given`);
  const { key } = findImageEntry(engine, source);
  engine.storage.records.transaction(() => nameImage(engine, key, [formatReference(reference)]), {
    durable: true,
  });
}

/** Moves names to an image, from another one or from a manifest list. To be called within a transaction. */
export function nameImage(engine: Engine, id: string, names: readonly string[]): void {
  const records = imageRecords(engine);
  const lists = manifestListRecords(engine);
  for (const name of names) {
    const list = lists.getByName(name);
    if (list) lists.put(list.key, list.value, { names: list.names.filter((other) => other !== name) });
    const holder = records.getByName(name);
    if (holder && holder.key !== id)
      records.put(holder.key, holder.value, { names: holder.names.filter((other) => other !== name) });
  }
  const entry = records.get(id);
  if (!entry) throw galleyError("not-found", "engine.image-unknown", `${id}: image not known`);
  records.put(id, entry.value, { names: [...new Set([...entry.names, ...names])] });
}
