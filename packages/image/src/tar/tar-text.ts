import { decodeName } from "@galley/spec";

/** A text field, which a NUL ends early. What is not UTF-8 stays exact, see `decodeName`. */
export function tarText(field: Uint8Array): string {
  const end = field.indexOf(0);
  return decodeName(end < 0 ? field : field.subarray(0, end));
}
