import type { Facts } from "./facts.ts";

/** A fact on which two containers disagree; undefined where one has nothing of the kind. */
export interface Difference {
  readonly fact: string;
  readonly galley: string | undefined;
  readonly other: string | undefined;
}

/** A difference that is meant, or that is none of ours; docs/differences.md tells about each. */
export interface KnownDifference {
  /** Its heading in docs/differences.md. */
  readonly heading: string;
  readonly fact: RegExp;
  /** What Galley says, as far as it is part of the promise. */
  readonly galley?: RegExp;
  readonly other?: RegExp;
}

/** Everything on which they disagree, in the order of the names. */
export function differences(galley: Facts, other: Facts): Difference[] {
  const names = [...new Set([...Object.keys(galley), ...Object.keys(other)])].toSorted();
  const all = names.map((fact): Difference => ({ fact, galley: galley[fact], other: other[fact] }));
  return all.filter((one) => one.galley !== one.other);
}

/** The known difference that covers one that was found. */
export function knownAs(found: Difference, known: readonly KnownDifference[]): KnownDifference | undefined {
  return known.find(
    ({ fact, galley, other }) => fact.test(found.fact) && covers(galley, found.galley) && covers(other, found.other),
  );
}

/** Absence is written as an empty text. */
function covers(pattern: RegExp | undefined, text: string | undefined): boolean {
  return pattern === undefined || pattern.test(text ?? "");
}
