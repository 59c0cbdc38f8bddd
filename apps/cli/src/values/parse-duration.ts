const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const shape = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/;

/** Is it numbers with units? */
export function isDuration(given: string): boolean {
  return shape.test(given);
}

/**
 * A length of time in milliseconds: `1h30m`, `500ms`, `2s`. A number without a unit is in seconds.
 *
 * @example parseDuration("1m30s"); // 90000
 */
export function parseDuration(given: string): number {
  if (/^\d+(?:\.\d+)?$/.test(given)) return Number(given) * 1000;
  if (!isDuration(given)) throw new Error("not a length of time, such as 2s or 1m30s");
  const parts = [...given.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitMs[unit ?? ""] ?? 0), 0);
}
