import type { RecordsProblem } from "@galley/storage";
import type { Engine } from "../engine.ts";
import type { CheckSystemOptions } from "./check-system.ts";
import type { SystemProblem } from "./system-problem.ts";

/** What became of the records. */
export interface CheckedRecords {
  readonly problems: readonly SystemProblem[];
  /** Whether the rest of the store can be compared with them. */
  readonly isReadable: boolean;
}

/** Looks at the database of records; one that is damaged is made anew from what it still has and from its second copy. */
export function checkRecords(engine: Engine, { repair }: CheckSystemOptions): CheckedRecords {
  const { records } = engine.storage;
  const found = records.check();
  if (found.length === 0) return { problems: [], isReadable: true };
  if (!repair) return { problems: found.map((problem) => describe(engine, problem)), isReadable: false };
  const { restored, lost, damagedPath } = records.repair();
  const gone = new Set(lost.map(({ collection, key }) => `${collection} ${key}`));
  const back = new Set(restored.map(({ collection, key }) => `${collection} ${key}`));
  const mended = (problem: RecordsProblem): SystemProblem => {
    const id = `${problem.collection} ${problem.key}`;
    if (gone.has(id)) return { ...describe(engine, problem), mended: "was removed" };
    if (back.has(id)) return { ...describe(engine, problem), mended: "was restored from the second copy" };
    return { ...describe(engine, problem), mended: `was made anew; what it was lies in ${damagedPath}` };
  };
  return { problems: found.map(mended), isReadable: true };
}

function describe(engine: Engine, { collection, key, problem }: RecordsProblem): SystemProblem {
  if (collection === undefined)
    return { object: "records", id: `${engine.places.root}/galley.db`, problem: `is damaged: ${problem}` };
  return { object: "record", id: `${collection} ${key}`, problem };
}
