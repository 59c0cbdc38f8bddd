import {
  formatReference,
  galleyError,
  isGalleyError,
  parseReference,
  type Reference,
  withDefaultTag,
} from "@galley/spec";
import type { Collection, Entry } from "@galley/storage";
import type { Engine } from "../engine.ts";
import { type ImageRecord, imageRecords } from "./image-record.ts";

/**
 * The image with that name, id, or unambiguous beginning of an id, with the names it has. A name without a tag means `latest`.
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

function findByName(engine: Engine, name: string): Entry<ImageRecord> | undefined {
  const reference = readReference(name);
  if (!reference) return undefined;
  const records = imageRecords(engine);
  return records.getByName(formatReference(withDefaultTag(reference))) ?? findByDigest(records, reference);
}

/** With a digest a tag says nothing: name:tag@digest is name@digest. */
function findByDigest(
  records: Collection<ImageRecord>,
  { domain, repository, digest }: Reference,
): Entry<ImageRecord> | undefined {
  if (!digest) return undefined;
  const canonical = formatReference({ domain, repository, digest });
  return records.list().find(({ value }) => value.repositoryDigests.includes(canonical));
}

/** An id may look like a name and the other way round; what is no name can still be an id. */
function readReference(name: string): Reference | undefined {
  try {
    return parseReference(name);
  } catch (error) {
    if (isGalleyError(error, "invalid") && /^(sha256:)?[0-9a-f]+$/.test(name)) return undefined;
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
