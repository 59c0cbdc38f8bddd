const mostSuggestions = 3;
const longestCompared = 40;

/**
 * Names that were probably meant: few edits away, or beginning with what was typed; the nearest first.
 *
 * @example suggest("imges", ["image", "images", "pull"]); // ["images", "image"]
 */
export function suggest(typed: string, known: readonly string[]): readonly string[] {
  if (typed.length > longestCompared) return [];
  const allowed = typed.length < 4 ? 1 : 2;
  const near = known.map((name) => ({ name, edits: editDistance(typed, name) }));
  return near
    .filter(({ name, edits }) => edits <= allowed || (typed.length > 2 && name.startsWith(typed)))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, mostSuggestions)
    .map(({ name }) => name);
}

/** Levenshtein's distance, row by row. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [line, letter] of [...from].entries()) {
    const next = [line + 1];
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
