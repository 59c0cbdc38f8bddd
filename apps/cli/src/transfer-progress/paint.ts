/** What a piece of text is to look like; the terminal's own palette decides on the colours. */
export type Style = "plain" | "dim" | "good" | "bar";

const codes: Readonly<Record<Style, string>> = { plain: "", dim: "2", good: "32", bar: "36" };

/** Text in a style, or as it is without colour. */
export function paint(text: string, style: Style, colour: boolean): string {
  const code = codes[style];
  return colour && code !== "" && text !== "" ? `\u001b[${code}m${text}\u001b[0m` : text;
}

/** May colours be used? Any text in NO_COLOR forbids them. */
export function mayUseColour(environment: NodeJS.ProcessEnv): boolean {
  return !environment["NO_COLOR"];
}
