/**
 * Reads JSON, and refuses an object that names a member twice: two readers of it may see two things.
 *
 * @throws SyntaxError
 */
export function parseStrictJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  const twice = repeatedName(text);
  if (twice !== undefined) throw new SyntaxError(`the name ${JSON.stringify(twice)} is there twice`);
  return value;
}

/** Of text that is JSON. */
function repeatedName(text: string): string | undefined {
  const names: (Set<string> | undefined)[] = [];
  let lastText = "";
  for (const [token] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:]/gs)) {
    if (token === "{") names.push(new Set());
    else if (token === "[") names.push(undefined);
    else if (token === "}" || token === "]") names.pop();
    else if (token !== ":") lastText = token;
    else {
      const name = JSON.parse(lastText) as string;
      if (names.at(-1)?.has(name)) return name;
      names.at(-1)?.add(name);
    }
  }
  return undefined;
}
