import { badValue } from "../flags/usage-error.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * One `--env`: NAME=VALUE; NAME alone takes the caller's value, if there is one; `PREFIX*` takes all of the caller's that begin so.
 *
 * @example parseEnvironment("A=b=c", process.env); // [["A", "b=c"]]
 */
export function parseEnvironment(given: string, caller: Environment): readonly (readonly [string, string])[] {
  const equals = given.indexOf("=");
  if (equals === 0 || given === "") throw badValue(`invalid environment variable: ${JSON.stringify(given)}`);
  if (equals > 0) return [[given.slice(0, equals), given.slice(equals + 1)]];
  const wanted = given.endsWith("*")
    ? Object.keys(caller).filter((name) => name.startsWith(given.slice(0, -1)))
    : [given];
  return wanted.flatMap((name) => {
    const value = caller[name];
    return value === undefined ? [] : [[name, value] as const];
  });
}
