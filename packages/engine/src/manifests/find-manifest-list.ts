import { galleyError, isGalleyError } from "@galley/spec";
import type { Entry } from "@galley/storage";
import type { Engine } from "../engine.ts";
import { localNames } from "../images/local-names.ts";
import { type ManifestListRecord, manifestListRecords } from "./manifest-list-record.ts";

/**
 * The list with that name, id, or unambiguous beginning of an id.
 *
 * @throws not-found engine.manifest-list-unknown
 */
export function findManifestList(engine: Engine, nameOrId: string): Entry<ManifestListRecord> {
  const found = byName(engine, nameOrId) ?? byId(engine, nameOrId);
  if (found) return found;
  throw galleyError("not-found", "engine.manifest-list-unknown", `${nameOrId}: manifest list not known`);
}

/**
 * Is there such a list?
 *
 * @example
 * if (!manifestListExists(engine, "app:1")) await createManifestList(engine, "app:1");
 */
export function manifestListExists(engine: Engine, nameOrId: string): boolean {
  return (byName(engine, nameOrId) ?? byId(engine, nameOrId)) !== undefined;
}

function byName(engine: Engine, name: string): Entry<ManifestListRecord> | undefined {
  const records = manifestListRecords(engine);
  for (const exact of canonicalNames(name)) {
    const found = records.getByName(exact);
    if (found) return found;
  }
  return undefined;
}

/** An id may look like a name and the other way round; what is no name can still be an id. */
function canonicalNames(name: string): readonly string[] {
  try {
    return localNames(name).exact;
  } catch (error) {
    if (isGalleyError(error, "invalid")) return [];
    throw error;
  }
}

function byId(engine: Engine, id: string): Entry<ManifestListRecord> | undefined {
  const matches = /^[0-9a-f]{1,64}$/.test(id) ? manifestListRecords(engine).list({ prefix: id, limit: 2 }) : [];
  return matches.length === 1 ? matches[0] : undefined;
}
