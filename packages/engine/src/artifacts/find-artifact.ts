import {
  formatReference,
  galleyError,
  isGalleyError,
  parseReference,
  type Reference,
  withDefaultTag,
} from "@galley/spec";
import type { Entry } from "@galley/storage";
import type { Engine } from "../engine.ts";
import { type ArtifactRecord, artifactRecords } from "./artifact-record.ts";

/**
 * The artifact with that name, or whose manifest's digest begins so.
 *
 * @throws not-found engine.artifact-unknown; conflict engine.artifact-ambiguous
 */
export function findArtifact(engine: Engine, nameOrDigest: string): Entry<ArtifactRecord> {
  const reference = readReference(nameOrDigest);
  const found = reference && artifactRecords(engine).getByName(formatReference(withDefaultTag(reference)));
  return found ?? byDigest(engine, reference?.digest ?? nameOrDigest);
}

/** A name that is short would mean Docker Hub, where artifacts are seldom: podman refuses it, too. */
export function artifactName(name: string): Reference {
  if (/^[^/]+[.:][^/]*\/|^localhost\//.test(name)) return withDefaultTag(parseReference(name));
  const message = `${name}: an artifact's name begins with a registry or localhost/`;
  throw galleyError("invalid", "engine.artifact-name", message);
}

function readReference(name: string): Reference | undefined {
  try {
    return parseReference(name);
  } catch (error) {
    if (isGalleyError(error, "invalid")) return undefined;
    throw error;
  }
}

function byDigest(engine: Engine, digest: string): Entry<ArtifactRecord> {
  const hex = digest.replace(/^sha(256|512):/, "");
  const matches = /^[0-9a-f]{4,}$/.test(hex) ? artifactRecords(engine).list({ prefix: hex, limit: 2 }) : [];
  const [found, other] = matches;
  if (other) throw galleyError("conflict", "engine.artifact-ambiguous", `more than one artifact begins with ${digest}`);
  if (found) return found;
  throw galleyError("not-found", "engine.artifact-unknown", `${digest}: artifact does not exist`);
}
