const gap = 2;
const narrowestColumn = 10;

/**
 * Rows as aligned text, one line each, without a final line feed.
 *
 * @example table([["NAME", "STATE"], ["web", "up"]]); // "NAME        STATE\nweb         up"
 */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries())
      widths[column] = Math.max(widths[column] ?? narrowestColumn, cell.length);
  }
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd((widths[column] ?? 0) + gap))).join("");
  return rows.map(line).join("\n");
}
