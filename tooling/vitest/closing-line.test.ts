import { describe, expect, test } from "vitest";
import { closingLine, type Outcome, shortReason, skipLines } from "./closing-line.ts";

const skipped = (reason: string): Outcome => ({ state: "skipped", reason });

describe("closingLine()", () => {
  test("closingLine() counts each kind of outcome", () => {
    const outcomes: Outcome[] = [{ state: "passed" }, { state: "failed" }, { state: "passed" }, skipped("x")];
    expect(closingLine(outcomes)).toBe("2 passed, 1 failed, 1 skipped");
  });

  test("closingLine() speaks of a run without tests", () => {
    expect(closingLine([])).toBe("0 passed, 0 failed, 0 skipped");
  });
});

describe("skipLines()", () => {
  test("skipLines() groups by reason, the most frequent first", () => {
    const outcomes = [skipped("no skopeo"), skipped("needs root"), skipped("needs root")];
    expect(skipLines(outcomes)).toEqual(["skipped: 2 tests: needs root", "skipped: 1 test: no skopeo"]);
  });
});

describe("shortReason()", () => {
  test.each([
    [["copyTree() on a real disk (skipped: needs root)", "keeps owners"], "needs root"],
    [["run() [needs root]"], "needs root"],
    [["stage on this host", "skipped: no cgroup v2"], "no cgroup v2"],
    [["filter in the kernel: skipped, needs a compiler", "a"], "needs a compiler"],
    [["keeper needs cc", "b(x)"], "needs cc"],
    [["someday", "x"], "someday"],
  ])("shortReason() of %j is %j", (names, reason) => expect(shortReason(names)).toBe(reason));
});
