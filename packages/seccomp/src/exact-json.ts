/** What `JSON.parse` tells a reviver about a primitive value (ECMAScript, JSON.parse source text access). */
interface ReviverContext {
  readonly source?: string;
}

/** The whole numbers that a double cannot hold become `bigint`. */
function exactly(_key: string, value: unknown, context?: ReviverContext): unknown {
  const source = context?.source;
  const isLossy =
    typeof value === "number" && !Number.isSafeInteger(value) && source !== undefined && /^-?\d+$/.test(source);
  return isLossy ? BigInt(source) : value;
}

/**
 * `JSON.parse` that keeps 64-bit whole numbers exact: those above 2^53 come as `bigint`. Throws SyntaxError.
 *
 * @example
 * parseExactJson("18446744073709551615"); // 18446744073709551615n
 */
export function parseExactJson(text: string): unknown {
  return JSON.parse(text, exactly as Parameters<typeof JSON.parse>[1]);
}
