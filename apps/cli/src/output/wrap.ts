/**
 * Text in lines of at most `width` characters, where its words allow that.
 *
 * @example wrap("one two three", 8, "- ", "  "); // "- one\n  two\n  three"
 */
export function wrap(text: string, width: number, first = "", indent = ""): string {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(" ")) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line].join("\n");
}
