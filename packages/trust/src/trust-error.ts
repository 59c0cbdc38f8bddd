import { type GalleyError, galleyError } from "@galley/spec";

/** The error for an image that may not come. */
export function rejected(why: string, details: Readonly<Record<string, unknown>> = {}): GalleyError {
  return galleyError("forbidden", "trust.rejected", `Source image rejected: ${why}`, { details });
}
