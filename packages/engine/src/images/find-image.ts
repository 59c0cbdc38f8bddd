import { formatReference, galleyError, isGalleyError, parseReference, withDefaultTag } from "@galley/spec";
import type { Entry } from "@galley/storage";
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

/** As `findImageEntry`, the record alone. */
export function findImage(engine: Engine, nameOrId: string): ImageRecord {
  return findImageEntry(engine, nameOrId).value;
}

/** Is that image in the store? */
export function imageExists(engine: Engine, nameOrId: string): boolean {
  return (findByName(engine, nameOrId) ?? findById(engine, nameOrId)) !== undefined;
}

function findByName(engine: Engine, name: string): Entry<ImageRecord> | undefined {
  const canonical = canonicalName(name);
  if (canonical === undefined) return undefined;
  const records = imageRecords(engine);
  return records.getByName(canonical) ?? (canonical.includes("@") ? findByDigest(records.list(), canonical) : undefined);
}

function findByDigest(entries: readonly Entry<ImageRecord>[], canonical: string): Entry<ImageRecord> | undefined {
  return entries.find(({ value }) => value.repositoryDigests.includes(canonical));
}

/** An id may look like a name and the other way round; what is no name can still be an id. */
function canonicalName(name: string): string | undefined {
  try {
    return formatReference(withDefaultTag(parseReference(name)));
  } catch (error) {
    if (isGalleyError(error, "invalid") && /^(sha256:)?[0-9a-f]+$/.test(name)) return undefined;
    throw error;
  }
}

function findById(engine: Engine, id: string): Entry<ImageRecord> | undefined {
  const hex = id.replace(/^sha256:/, "");
  const matches = /^[0-9a-f]{1,64}$/.test(hex) ? imageRecords(engine).list({ prefix: hex, limit: 2 }) : [];
  if (matches.length > 1) throw galleyError("conflict", "engine.image-ambiguous", `more than one image has an ID that begins with ${id}`);
  return matches[0];
}
