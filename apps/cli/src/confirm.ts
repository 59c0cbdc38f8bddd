import { createInterface } from "node:readline";
import { writeAll } from "./output/print.ts";

/** Asks a question that can be undone by nobody. Anything but y or yes is no; so is an input that has ended. */
export async function confirm(warning: string, input: NodeJS.ReadableStream = process.stdin): Promise<boolean> {
  await writeAll(
    1,
    Buffer.from(`${warning}
Are you sure you want to continue? [y/N] `),
  );
  const lines = createInterface({ input });
  try {
    for await (const line of lines) return /^y(es)?$/i.test(line.trim());
    return false;
  } finally {
    lines.close();
  }
}
