/**
 * An entrypoint: one program, or a JSON list of program and arguments; an empty text clears the image's.
 *
 * @example parseEntrypoint('["sh", "-c"]'); // ["sh", "-c"]
 */
export function parseEntrypoint(given: string): readonly string[] {
  if (given === "") return [];
  if (!given.startsWith("[")) return [given];
  try {
    const list: unknown = JSON.parse(given);
    if (Array.isArray(list) && list.every((item) => typeof item === "string")) return list;
  } catch {
    // a program may be called like that
  }
  return [given];
}
