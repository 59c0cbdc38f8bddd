import { endBlocks, entryChunks, fillChunks } from "./forge.ts";
import type { Fill, ForgedEntry } from "./forged-entry.ts";

/** An archive as data. */
export interface ForgedArchive {
  readonly entries: readonly ForgedEntry[];
  /** How many of the two empty blocks end it. */
  readonly endBlocks?: 0 | 1;
  /** What follows the empty blocks. */
  readonly after?: Uint8Array | string | Fill;
  /** Keep so many bytes of it; a negative number takes that many away. */
  readonly cut?: number;
  /** In the text of names, links, records and contents, these words become others. */
  readonly words?: Readonly<Record<string, string>>;
}

/**
 * The bytes of an archive, piece by piece.
 *
 * @example
 * for (const chunk of forgeArchive({ entries: [{ name: "zeros", content: { fillBytes: 2 ** 40 } }] })) gzip.write(chunk);
 */
export function* forgeArchive(archive: ForgedArchive): Iterable<Uint8Array> {
  if (archive.cut === undefined) yield* wholeChunks(archive);
  else yield Buffer.concat([...wholeChunks(archive)]).subarray(0, archive.cut);
}

function* wholeChunks(archive: ForgedArchive): Iterable<Uint8Array> {
  const { entries, after = "", words = {} } = archive;
  for (const entry of entries) yield* entryChunks(worded(entry, words));
  yield endBlocks.subarray(0, (archive.endBlocks ?? 2) * 512);
  if (typeof after === "object" && "fillBytes" in after) yield* fillChunks(after);
  else yield Buffer.from(after);
}

/** The entry with its words replaced, in all of its text. */
function worded(entry: ForgedEntry, words: Readonly<Record<string, string>>): ForgedEntry {
  const replaced = <Value>(value: Value): Value => {
    if (typeof value === "string")
      return Object.entries(words).reduce(
        (text: string, [word, other]) => text.replaceAll(word, other),
        value,
      ) as Value;
    if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, replaced(each)])) as Value;
  };
  return Object.keys(words).length === 0 ? entry : replaced(entry);
}
