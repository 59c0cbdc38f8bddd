const units = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4, p: 1024 ** 5 } as const;
const shape = /^(\d+(?:\.\d+)?) ?([bkmgtp])?i?b?$/i;

/**
 * A size in bytes from a number and a unit: b, k, m, g, t, p count in steps of 1024.
 *
 * @example parseSize("64m"); // 67108864
 */
export function parseSize(given: string): number {
  const [, amount, unit = "b"] = shape.exec(given) ?? [];
  const bytes = Math.floor(Number(amount) * units[unit.toLowerCase() as keyof typeof units]);
  if (amount === undefined || !Number.isSafeInteger(bytes)) throw new Error(`invalid size: '${given}'`);
  return bytes;
}

/** As `parseSize`; -1 stands for unlimited. */
export function parseSizeOrUnlimited(given: string): number {
  return given === "-1" ? -1 : parseSize(given);
}
