/** Numbers from 0 to 1 that are the same for the same seed (a linear congruential generator with the constants of POSIX's drand48). */
export function randomNumbers(seed: number): () => number {
  let state = (BigInt(seed) << 16n) | 0x330en;
  return () => {
    state = (state * 0x5deece66dn + 0xbn) & 0xffff_ffff_ffffn;
    return Number(state) / 2 ** 48;
  };
}
