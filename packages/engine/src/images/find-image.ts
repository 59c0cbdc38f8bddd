import { galleyError, isGalleyError } from "@galley/spec";
import type { Collection, Entry } from "@galley/storage";
import type { Engine } from "../engine.ts";
import { type ImageRecord, imageRecords } from "./image-record.ts";
import { type LocalNames, localNames, pickName } from "./local-names.ts";

/**
 * The image with that name, id, or unambiguous beginning of an id, with the names it has. A name without a tag means `latest`;
 * one without a registry an image made here, or else Docker Hub's, or else the only one of any registry that ends so.
 *
 * @throws not-found engine.image-unknown; conflict engine.image-ambiguous; invalid for what is not a reference
 */
export function findImageEntry(engine: Engine, nameOrId: string): Entry<ImageRecord> {
  const found = findByName(engine, nameOrId) ?? findById(engine, nameOrId);
  if (found) return found;
  throw galleyError("not-found", "engine.image-unknown", `${nameOrId}: image not known`);
}

/**
 * As `findImageEntry`, the record alone.
 *
 * @example
 * const { id, sizeBytes } = findImage(engine, "alpine");
 */
export function findImage(engine: Engine, nameOrId: string): ImageRecord {
  return findImageEntry(engine, nameOrId).value;
}

/**
 * Is that image in the store?
 *
 * @example
 * if (!imageExists(engine, "alpine")) await pullImage(engine, "alpine");
 */
export function imageExists(engine: Engine, nameOrId: string): boolean {
  return (findByName(engine, nameOrId) ?? findById(engine, nameOrId)) !== undefined;
}

function findByName(engine: Engine, asked: string): Entry<ImageRecord> | undefined {
  const wanted = readNames(asked);
  if (!wanted) return undefined;
  const records = imageRecords(engine);
  for (const name of wanted.exact) {
    const found = records.getByName(name);
    if (found) return found;
  }
  return asked.includes("@") || wanted.ending ? findAmongAll(records, wanted, asked) : undefined;
}

/** What no index knows: digests, and the ends of names. */
function findAmongAll(
  records: Collection<ImageRecord>,
  wanted: LocalNames,
  asked: string,
): Entry<ImageRecord> | undefined {
  const matches = records.list().flatMap((entry) => {
    const name = pickName(wanted, [...entry.names, ...entry.value.repositoryDigests]);
    return name === undefined ? [] : [{ entry, name }];
  });
  for (const exact of wanted.exact) {
    const found = matches.find(({ name }) => name === exact);
    if (found) return found.entry;
  }
  if (matches.length > 1) {
    const several = matches.map(({ name }) => name).join(", ");
    const message = `${asked} may mean several images, say which: ${several}`;
    throw galleyError("conflict", "engine.image-ambiguous", message, {
      details: { names: matches.map(({ name }) => name) },
    });
  }
  return matches[0]?.entry;
}

/** An id may look like a name and the other way round; what is no name can still be an id. */
function readNames(asked: string): LocalNames | undefined {
  try {
    return localNames(asked);
  } catch (error) {
    if (isGalleyError(error, "invalid") && /^(sha256:)?[0-9a-f]+$/.test(asked)) return undefined;
    throw error;
  }
}

function findById(engine: Engine, id: string): Entry<ImageRecord> | undefined {
  const hex = id.replace(/^sha256:/, "");
  const matches = /^[0-9a-f]{1,64}$/.test(hex) ? imageRecords(engine).list({ prefix: hex, limit: 2 }) : [];
  if (matches.length > 1)
    throw galleyError("conflict", "engine.image-ambiguous", `more than one image has an ID that begins with ${id}`);
  return matches[0];
}
