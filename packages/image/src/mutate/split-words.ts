/** Words as a Dockerfile has them: quotes group, a backslash takes the next character as it is; nothing is replaced. */
export function splitWords(text: string, fail: (why: string) => Error): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? "";
    if (char === "\\" && quote !== "'" && at + 1 < text.length) {
      at += 1;
      word = (word ?? "") + text[at];
    } else if (quote !== "" && char === quote) quote = "";
    else if (quote === "" && (char === '"' || char === "'")) [quote, word] = [char, word ?? ""];
    else if (quote === "" && /\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + char;
  }
  if (quote !== "") throw fail(`a ${quote} is not closed`);
  return word === undefined ? words : [...words, word];
}
