import { galleyError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { type ContainerRecord, containerRecords } from "./container-record.ts";

/**
 * The container with that name, id or unambiguous beginning of an id.
 *
 * @throws not-found engine.container-unknown; conflict engine.container-ambiguous
 *
 * @example
 * const { id, command } = findContainer(engine, "web");
 */
export function findContainer(engine: Engine, nameOrId: string): ContainerRecord {
  const records = containerRecords(engine);
  // A name may look like another container's id, which is the stronger one, or like the beginning of an id, which is not.
  const exact = (/^[0-9a-f]{64}$/.test(nameOrId) ? records.get(nameOrId) : undefined) ?? records.getByName(nameOrId);
  if (exact) return exact.value;
  const matches = /^[0-9a-f]{1,64}$/.test(nameOrId) ? records.list({ prefix: nameOrId, limit: 2 }) : [];
  if (matches.length > 1) {
    throw galleyError(
      "conflict",
      "engine.container-ambiguous",
      `more than one container has an ID that begins with ${nameOrId}`,
    );
  }
  const found = matches[0];
  if (found) return found.value;
  throw galleyError(
    "not-found",
    "engine.container-unknown",
    `no container with name or ID "${nameOrId}" found: no such container`,
  );
}
