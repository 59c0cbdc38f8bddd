import { galleyError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { type ContainerRecord, containerRecords } from "./container-record.ts";

/**
 * The container with that name, id or unambiguous beginning of an id.
 *
 * @throws not-found engine.container-unknown; conflict engine.container-ambiguous
 */
export function findContainer(engine: Engine, nameOrId: string): ContainerRecord {
  const records = containerRecords(engine);
  const named = records.getByName(nameOrId);
  if (named) return named.value;
  const matches = /^[0-9a-f]{1,64}$/.test(nameOrId) ? records.list({ prefix: nameOrId, limit: 2 }) : [];
  if (matches.length > 1) {
    throw galleyError("conflict", "engine.container-ambiguous", `more than one container has an ID that begins with ${nameOrId}`);
  }
  const found = matches[0];
  if (found) return found.value;
  throw galleyError("not-found", "engine.container-unknown", `no container with name or ID "${nameOrId}" found: no such container`);
}
