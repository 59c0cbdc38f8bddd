import { galleyError } from "@galley/spec";
import { limits } from "./limits.ts";

/** How to draw and to know what is in use. */
export interface CategorySource {
  /** A whole number from 0 up to but without `limit`; need not be secret. */
  readonly random: (limit: number) => number;
  /** Whether a container has this level already. It is asked about canonical pairs, as `s0:c3,c77`. */
  readonly isTaken: (level: string) => boolean;
}

const pairCount = (limits.categories * (limits.categories - 1)) / 2;
/** No confined container gets this pair: files of unconfined ones bear it (`label=disable`). */
export const unconfinedLevel = `s0:c${limits.categories - 2},c${limits.categories - 1}`;

/** The pairs in a fixed order: (0,1) (0,2) (1,2) (0,3) ... */
function pairAt(index: number): string {
  const high = Math.floor((1 + Math.sqrt(1 + 8 * index)) / 2);
  return `s0:c${index - (high * (high - 1)) / 2},c${high}`;
}

/**
 * Picks a pair of categories that no container has: what keeps containers apart from each other. Draws at random, then
 * looks through all pairs from a random one on. Throws `unavailable` when all 523775 are taken.
 *
 * @example
 * pickLevel({ random: (limit) => randomInt(limit), isTaken: (level) => levelsInUse.has(level) }); // "s0:c214,c801"
 */
export function pickLevel({ random, isTaken }: CategorySource): string {
  const isFree = (level: string): boolean => level !== unconfinedLevel && !isTaken(level);
  for (let draw = 0; draw < limits.draws; draw += 1) {
    const level = pairAt(random(pairCount));
    if (isFree(level)) return level;
  }
  const start = random(pairCount);
  for (let step = 0; step < pairCount; step += 1) {
    const level = pairAt((start + step) % pairCount);
    if (isFree(level)) return level;
  }
  throw galleyError("unavailable", "selinux.categories", "every pair of categories is taken by a container");
}

/**
 * A level in the canonical form that `isTaken` is asked about: categories without doubles, in ascending order. A level of
 * another shape (ranges, several sensitivities) stays as it is.
 *
 * @example
 * canonicalLevel("s0:c9,c3"); // "s0:c3,c9"
 */
export function canonicalLevel(level: string): string {
  const match = /^(s\d+):(c\d+(?:,c\d+)*)$/.exec(level);
  if (!match) return level;
  const numbers = [...new Set((match[2] as string).split(",").map((name) => Number(name.slice(1))))];
  return `${match[1]}:${numbers
    .sort((a, b) => a - b)
    .map((number) => `c${number}`)
    .join(",")}`;
}
