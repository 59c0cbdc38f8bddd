import { afterAll, describe, expect, test } from "vitest";
import { missingOpenssl } from "./testing/faults/certificates.ts";
import type { FaultKind } from "./testing/faults/kind.ts";
import { placeKinds } from "./testing/faults/place-kinds.ts";
import { type Direction, type Run, runCase } from "./testing/faults/run-case.ts";
import { statusKinds } from "./testing/faults/status-kinds.ts";
import { transferKinds } from "./testing/faults/transfer-kinds.ts";

const kinds: readonly FaultKind[] = [...statusKinds, ...transferKinds, ...placeKinds];
const seeds = [1, 2];
const runs: Run[] = [];

describe("openRepository() at a registry that goes wrong", () => {
  for (const direction of ["pull", "push"] as const) {
    for (const kind of kinds) {
      const what = kind[direction];
      if (!what) continue;
      const missing = what.tls && missingOpenssl;
      const outcome = what.outcome === "succeeds" ? "succeeds in spite of" : "fails cleanly at";
      const skipped = missing ? ` (skipped: ${missing})` : "";
      test.skipIf(missing).concurrent(`openRepository() ${outcome} ${direction}: ${kind.name}${skipped}`, async () => {
        for (const seed of seeds) runs.push(await runCase(kind.name, direction, { ...what, seed }));
      });
    }
  }

  afterAll(() => {
    console.log(table());
  });
});

test("openRepository() is tried with 25 kinds of faults and more, in each direction", () => {
  const both = kinds.filter(({ pull, push }) => pull && push);
  expect(both.length).toBeGreaterThanOrEqual(25);
  const names = kinds.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

/** One row for a kind: how it ended, how long it took, and how much went over the wire again, the worst of the seeds. */
function table(): string {
  const rows = kinds.map(({ name }) => `${name.padEnd(50)} ${cell(name, "pull")} ${cell(name, "push")}`);
  return [`${"fault".padEnd(50)} ${"pull".padEnd(27)} push`, ...rows].join("\n");
}

function cell(name: string, direction: Direction): string {
  const mine = runs.filter((run) => run.name === name && run.direction === direction);
  if (mine.length === 0) return "-".padEnd(27);
  const ms = Math.max(...mine.map(({ tookMs }) => tookMs));
  const again = Math.max(...mine.map(({ repeated }) => repeated));
  const ended = mine.every((run) => run.ended === "succeeded") ? "succeeds" : "fails";
  return `${ended.padEnd(8)} ${`${ms} ms`.padStart(8)} ${`+${Math.round(again * 100)} %`.padStart(7)}  `;
}
