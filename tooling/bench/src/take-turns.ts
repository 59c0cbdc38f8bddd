import { setTimeout as sleep } from "node:timers/promises";
import { median } from "./median.ts";

/** Something to time. */
export interface Subject {
  readonly name: string;
  readonly run: (round: number) => Promise<void> | void;
}

/** A command's time depends on what ran just before it: each begins after some idleness. */
const idleMs = 100;

/**
 * Times subjects in turns, A B B A …, so that drift of the machine hits all alike; the first round is not counted.
 * Returns each one's median in milliseconds.
 */
export async function takeTurns(subjects: readonly Subject[], rounds: number): Promise<ReadonlyMap<string, number>> {
  for (const subject of subjects) await subject.run(-1);
  const times = new Map(subjects.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    for (const subject of round % 2 === 0 ? subjects : subjects.toReversed()) {
      times.get(subject.name)?.push(await time(subject, round));
    }
  }
  return new Map([...times].map(([name, values]) => [name, median(values)]));
}

async function time(subject: Subject, round: number): Promise<number> {
  await sleep(idleMs);
  const begin = performance.now();
  await subject.run(round);
  return performance.now() - begin;
}
