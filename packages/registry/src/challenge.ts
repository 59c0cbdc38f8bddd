import { maxChallengeLength } from "./limits.ts";

/** One way that a server offers to identify oneself. */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

const scheme = /[\s,]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?=[\s,]|$)/y;
const parameter = /[\s,]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/y;

/**
 * Reads a WWW-Authenticate header (RFC 9110, section 11.6.1), as far as it makes sense.
 *
 * @example
 * parseChallenges('Bearer realm="https://auth.example/token",service="registry"')[0]?.scheme; // "bearer"
 */
export function parseChallenges(header: string | undefined): Challenge[] {
  const text = (header ?? "").slice(0, maxChallengeLength);
  const challenges: Challenge[] = [];
  for (let place = 0; ; ) {
    const name = matchAt(scheme, text, place);
    if (!name?.[1]) return challenges;
    const parameters = new Map<string, string>();
    place = readParameters(text, place + name[0].length, parameters);
    challenges.push({ scheme: name[1].toLowerCase(), parameters });
  }
}

function readParameters(text: string, start: number, parameters: Map<string, string>): number {
  let place = start;
  for (let match = matchAt(parameter, text, place); match; match = matchAt(parameter, text, place)) {
    const [all, name = "", quoted, token] = match;
    parameters.set(name.toLowerCase(), token ?? (quoted ?? "").replaceAll(/\\(.)/g, "$1"));
    place += all.length;
  }
  return place;
}

function matchAt(pattern: RegExp, text: string, place: number): RegExpExecArray | null {
  pattern.lastIndex = place;
  return pattern.exec(text);
}
