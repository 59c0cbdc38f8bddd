import { galleyError, type IdMapping } from "@galley/spec";
import { limits } from "./limits.ts";

/**
 * Checks an id map as the kernel would (user_namespaces(7) "Defining user and group ID mappings").
 *
 * @throws `invalid` for an empty or too long map, ids out of range, an empty range, or ranges that overlap inside or outside.
 *
 * @example
 * checkIdMap([{ containerID: 0, hostID: 100000, size: 65536 }]);
 */
export function checkIdMap(mappings: readonly IdMapping[]): void {
  if (mappings.length === 0) throw invalid("an id map needs at least one range");
  if (mappings.length > limits.idMapLines)
    throw invalid(`an id map of ${mappings.length} ranges, over ${limits.idMapLines}`);
  for (const mapping of mappings) checkRange(mapping);
  refuseOverlap(mappings, "containerID", "inside");
  refuseOverlap(mappings, "hostID", "outside");
}

/**
 * The text for `/proc/PID/uid_map` or `gid_map`.
 *
 * @throws `invalid` as {@link checkIdMap}.
 *
 * @example
 * encodeIdMap([{ containerID: 0, hostID: 100000, size: 65536 }]); // "0 100000 65536\n"
 */
export function encodeIdMap(mappings: readonly IdMapping[]): Uint8Array {
  checkIdMap(mappings);
  return new TextEncoder().encode(
    mappings.map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}\n`).join(""),
  );
}

/**
 * The id outside that an id inside is; undefined where the map has none.
 *
 * @example
 * hostId([{ containerID: 0, hostID: 100000, size: 65536 }], 1000); // 101000
 */
export function hostId(mappings: readonly IdMapping[], containerId: number): number | undefined {
  const range = mappings.find(
    ({ containerID, size }) => containerId >= containerID && containerId < containerID + size,
  );
  return range && range.hostID + (containerId - range.containerID);
}

function checkRange({ containerID, hostID, size }: IdMapping): void {
  const fits = (first: number): boolean =>
    Number.isInteger(first) && first >= 0 && first + size - 1 <= limits.largestId;
  if (!Number.isInteger(size) || size < 1) throw invalid(`an id range of size ${size}`);
  if (!fits(containerID) || !fits(hostID))
    throw invalid(`id range ${containerID} ${hostID} ${size} leaves 0 to ${limits.largestId}`);
}

function refuseOverlap(mappings: readonly IdMapping[], side: "containerID" | "hostID", where: string): void {
  const sorted = mappings.toSorted((left, right) => left[side] - right[side]);
  for (const [index, range] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next && range[side] + range.size > next[side])
      throw invalid(`id ranges from ${range[side]} and ${next[side]} overlap ${where}`);
  }
}

function invalid(message: string): Error {
  return galleyError("invalid", "namespaces.id-map", message);
}
