import { createIndex } from "@galley/image";
import { formatReference, galleyError } from "@galley/spec";
import { randomHex } from "../containers/random-hex.ts";
import type { Engine } from "../engine.ts";
import { imageRecords } from "../images/image-record.ts";
import { madeReference } from "../images/made-reference.ts";
import { type AddManifestsOptions, addManifests } from "./add-manifests.ts";
import { manifestListRecords } from "./manifest-list-record.ts";

/** How to create. */
export interface CreateManifestListOptions extends AddManifestsOptions {
  /** A list that has the name already is taken, and added to. */
  readonly amend?: boolean | undefined;
}

/**
 * Makes a manifest list, to which images of several platforms can be added, and resolves to its id.
 *
 * @param images added at once, as by `addManifests`
 * @throws conflict engine.name-in-use when an image or a list has the name
 *
 * @example
 * const id = await createManifestList(engine, "app:1", ["app:1-amd64", "app:1-arm64"]);
 */
export async function createManifestList(
  engine: Engine,
  name: string,
  images: readonly string[] = [],
  options: CreateManifestListOptions = {},
): Promise<string> {
  const canonical = newName(name);
  const { descriptor, bytes } = createIndex();
  await using lease = await engine.storage.leases.take();
  await lease.add(descriptor.digest);
  await engine.storage.content.push(descriptor, new Blob([bytes as Uint8Array<ArrayBuffer>]).stream());
  const id = engine.storage.records.transaction(
    () => {
      const lists = manifestListRecords(engine);
      const known = lists.getByName(canonical);
      if (known && options.amend) return known.key;
      const holder = known?.key ?? imageRecords(engine).getByName(canonical)?.key;
      if (holder !== undefined) throw inUse(canonical, holder);
      const record = { id: randomHex(32), index: descriptor, createdAtMs: Date.now(), members: {} };
      return lists.put(record.id, record, { names: [canonical], ifVersion: 0 }).key;
    },
    { durable: true },
  );
  if (images.length > 0) await addManifests(engine, id, images, options);
  return id;
}

function newName(name: string): string {
  const reference = madeReference(name);
  if (!reference.digest) return formatReference(reference);
  throw galleyError("invalid", "engine.bad-tag", `${name}: a name with a digest cannot be given`);
}

function inUse(name: string, id: string): Error {
  const message = `name ${JSON.stringify(name)} is already associated with ${id.slice(0, 12)}: that name is already in use`;
  return galleyError("conflict", "engine.name-in-use", message, { details: { name, id } });
}
