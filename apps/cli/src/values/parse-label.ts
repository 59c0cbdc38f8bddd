import { badValue } from "../flags/usage-error.ts";

/** One label, KEY=VALUE; KEY alone has an empty value. `parseLabel("a=b")` is `["a", "b"]`. */
export function parseLabel(given: string): readonly [string, string] {
  const equals = given.indexOf("=");
  if (equals === 0 || given === "")
    throw badValue(`unable to process labels: invalid label format: ${JSON.stringify(given)}`);
  return equals < 0 ? [given, ""] : [given.slice(0, equals), given.slice(equals + 1)];
}
