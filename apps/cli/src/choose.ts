import { createInterface } from "node:readline";
import { usageError } from "./flags/usage-error.ts";
import { printError } from "./output/print.ts";

/** Asks which of several things is meant; gives its index. An empty line means the first. */
export async function choose(
  question: string,
  answers: readonly string[],
  input: NodeJS.ReadableStream = process.stdin,
): Promise<number> {
  printError(question);
  for (const [index, answer] of answers.entries()) printError(`  ${index + 1}) ${answer}`);
  printError(`Number, 1 to ${answers.length} (1):`);
  const lines = createInterface({ input });
  try {
    for await (const line of lines) {
      const number = line.trim() === "" ? 1 : Number(line);
      if (Number.isInteger(number) && number >= 1 && number <= answers.length) return number - 1;
      printError(`Number, 1 to ${answers.length} (1):`);
    }
    throw usageError("nothing was chosen");
  } finally {
    lines.close();
  }
}
