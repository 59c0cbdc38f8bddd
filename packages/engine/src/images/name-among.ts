import { isGalleyError } from "@galley/spec";
import { localNames, pickName } from "./local-names.ts";

/** Which of an image's names, in canonical form, was asked for; undefined when it was none, but an id or a digest. */
export function nameAmong(asked: string, names: readonly string[]): string | undefined {
  try {
    return pickName(localNames(asked), names);
  } catch (error) {
    if (isGalleyError(error, "invalid")) return undefined;
    throw error;
  }
}
