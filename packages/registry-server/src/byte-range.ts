import type { ByteRange } from "./store.ts";

/**
 * Reads a Range header (RFC 9110, section 14.2) for content of a size. Undefined when the header is to be ignored:
 * none, another unit, several ranges, or malformed. `unsatisfiable` when it asks for nothing that is there.
 */
export function parseByteRange(header: string | undefined, sizeBytes: number): ByteRange | "unsatisfiable" | undefined {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "") ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return undefined;
  if (first === "") return within(Math.max(0, sizeBytes - Number(last)), sizeBytes - 1, sizeBytes);
  if (last !== "" && Number(last) < Number(first)) return undefined;
  return within(Number(first), last === "" ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1), sizeBytes);
}

function within(firstByte: number, lastByte: number, sizeBytes: number): ByteRange | "unsatisfiable" {
  return firstByte < sizeBytes && firstByte <= lastByte ? { firstByte, lastByte } : "unsatisfiable";
}
