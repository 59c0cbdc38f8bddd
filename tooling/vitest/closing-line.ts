/** How one test ended. */
export type Outcome = { state: "passed" } | { state: "failed" } | { state: "skipped"; reason: string };

/** The one reason in a skipped test's names: what stands in the last brackets of the outermost name that has some. */
export function shortReason(names: string): string {
  const bracketed = names
    .split(" > ")
    .map((name) => /[([]([^()[\]]+)[)\]]\s*$/.exec(name)?.[1])
    .find((reason) => reason !== undefined);
  const reason = bracketed ?? /skipped:\s*(.+)$/.exec(names)?.[1] ?? names;
  return reason.replace(/^skipped(:|\s+because|,)?\s*/, "");
}

/** One line a reason, the most frequent first: `skipped: 3 tests: needs root`. */
export function skipLines(outcomes: readonly Outcome[]): string[] {
  const counts = new Map<string, number>();
  for (const outcome of outcomes) {
    if (outcome.state !== "skipped") continue;
    const reason = shortReason(outcome.reason);
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
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
