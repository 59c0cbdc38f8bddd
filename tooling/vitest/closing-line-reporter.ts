import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from "vitest/node";
import { closingLine, type Outcome, shortReason, skipLines } from "./closing-line.ts";

/** Why a test was skipped: what it said itself, else what broke above it, else what the names around it say. */
function skipReason(test: TestCase): string {
  const result = test.result();
  const note = "note" in result ? result.note : undefined;
  const suites = suitesOf(test);
  if ([...suites, test.module].some((suite) => suite.errors().length > 0)) return "what comes before the tests failed";
  return note ?? shortReason([...suites.map(({ name }) => name), test.name]);
}

/** The suites around a test, outermost first. */
function suitesOf(test: TestCase): TestSuite[] {
  const suites: TestSuite[] = [];
  for (let at: TestCase["parent"] = test.parent; at.type === "suite"; at = at.parent) suites.unshift(at);
  return suites;
}

function outcomeOf(test: TestCase): Outcome {
  const state = test.result().state;
  if (state === "passed") return { state: "passed" };
  if (state === "skipped") return { state: "skipped", reason: skipReason(test) };
  return { state: "failed" };
}

/** A file that failed to load, or whose hooks failed, counts as one more failure. */
function outcomesOf(testModule: TestModule): Outcome[] {
  const tests = [...testModule.children.allTests()].map(outcomeOf);
  const brokenSuites = [testModule, ...testModule.children.allSuites()].filter((suite) => suite.errors().length > 0);
  return [...tests, ...brokenSuites.map((): Outcome => ({ state: "failed" }))];
}

/** Prints, after everything else, one line for each reason tests were skipped for, and the closing line. */
export default class ClosingLineReporter implements Reporter {
  /** Set while only tests of some name run: the rest is then skipped for no reason worth a line. */
  #filtered = false;

  onInit(vitest: Vitest): void {
    this.#filtered = vitest.config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const outcomes = modules.flatMap(outcomesOf);
    for (const _ of unhandledErrors) outcomes.push({ state: "failed" });
    const failedStages = process.env["GALLEY_FAILED_STAGES"] ?? "";
    const lines = [
      ...(this.#filtered ? [] : skipLines(outcomes)),
      ...(failedStages === "" ? [] : [`failed before the tests: ${failedStages}`]),
    ];
    console.log([...lines, closingLine(outcomes)].join("\n"));
  }
}
