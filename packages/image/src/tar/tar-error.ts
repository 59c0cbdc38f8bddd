import { galleyError } from "@galley/spec";

/** The archive's own structure is broken. */
export function brokenTar(what: string) {
  return galleyError("corrupt", "image.tar", `the layer is not a readable tar archive: ${what}`);
}

/** The archive ends too early. */
export function truncatedTar(where: string) {
  return galleyError("corrupt", "image.truncated", `the layer's tar archive ends in the middle of ${where}`);
}

/** A number in a header that cannot be. */
export function badNumber(what: string) {
  return galleyError("invalid", "image.entry-number", `the layer has ${what}`);
}
