/** How one test ended. */
export type Outcome = { state: "passed" } | { state: "failed" } | { state: "skipped"; reason: string };

const spellings: readonly RegExp[] = [
  /\bskipped(?:[:,]| because) *([^()[\]]+)/,
  /[([]([^()[\]]+)[)\]]\s*$/,
  /\b(needs .+)$/,
];

/**
 * The one reason in a skipped test's names, outermost first: what a name says after `skipped:`, in its last brackets or
 * from `needs` on. Else the outermost name itself, so that a suite has one line.
 */
export function shortReason(names: readonly string[]): string {
  for (const name of names) {
    const said = spellings.map((spelling) => spelling.exec(name)?.[1]).find((reason) => reason !== undefined);
    if (said !== undefined) return said.trim();
  }
  return names[0] ?? "no reason given";
}

/** One line a reason, the most frequent first: `skipped: 3 tests: needs root`. */
export function skipLines(outcomes: readonly Outcome[]): string[] {
  const counts = new Map<string, number>();
  for (const outcome of outcomes) {
    if (outcome.state !== "skipped") continue;
    counts.set(outcome.reason, (counts.get(outcome.reason) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `skipped: ${count} ${count === 1 ? "test" : "tests"}: ${reason}`);
}

/** The last line of a run, alone on its line, which continuous integration reads. */
export function closingLine(outcomes: readonly Outcome[]): string {
  const count = (state: Outcome["state"]): number => outcomes.filter((outcome) => outcome.state === state).length;
  return `${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`;
}
