/** A whole number that is not negative. `parseCount("10")` */
export function parseCount(given: string): number {
  if (!/^\d+$/.test(given) || !Number.isSafeInteger(Number(given))) throw new Error("not a whole number");
  return Number(given);
}

/** A whole number, with a sign or without. */
export function parseInteger(given: string): number {
  if (!/^[+-]?\d+$/.test(given) || !Number.isSafeInteger(Number(given))) throw new Error("not a whole number");
  return Number(given);
}

/** Processors' worth of time; 0 sets no limit, as everywhere. */
export function parseCpus(given: string): number {
  if (!/^\d*\.?\d+$/.test(given)) throw new Error("not a number of processors");
  return Number(given);
}

/** A number of processes; 0 and -1 stand for unlimited, which is -1. */
export function parsePidsLimit(given: string): number {
  const limit = parseInteger(given);
  return limit <= 0 ? -1 : limit;
}

/** A port to listen on; 0 for any. */
export function parsePort(given: string): number {
  const port = parseCount(given);
  if (port > 65535) throw new Error("not a port");
  return port;
}
