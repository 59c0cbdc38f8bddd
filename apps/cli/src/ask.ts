import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { galleyError } from "@galley/spec";
import { writeAll } from "./output/print.ts";

/** A terminal's input, as far as it is needed to ask. */
export interface AskedTerminal extends Readable {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
}

const keys = { end: [0x0a, 0x0d], interrupt: 0x03, close: 0x04, erase: [0x08, 0x7f], eraseAll: 0x15 };

/** Asks for a line of text; what is typed shows. Empty when the input has ended. */
export async function askLine(question: string, input: AskedTerminal = process.stdin): Promise<string> {
  await writeAll(1, Buffer.from(question));
  const lines = createInterface({ input, terminal: false });
  try {
    for await (const line of lines) return line.trim();
    return "";
  } finally {
    lines.close();
  }
}

/**
 * Asks for a secret: what is typed does not show.
 *
 * @throws cancelled on control-C
 */
export async function askSecret(question: string, input: AskedTerminal = process.stdin): Promise<string> {
  // Before the question, so that nothing that is typed at once shows.
  input.setRawMode?.(true);
  try {
    await writeAll(1, Buffer.from(question));
    return await readSecret(input);
  } finally {
    input.setRawMode?.(false);
    input.pause();
    await writeAll(1, Buffer.from("\n"));
  }
}

async function readSecret(input: AskedTerminal): Promise<string> {
  const typed: number[] = [];
  const chunks = input.iterator({ destroyOnReturn: false });
  for await (const chunk of chunks) {
    for (const key of Buffer.from(chunk as Uint8Array)) {
      if (keys.end.includes(key) || (key === keys.close && typed.length === 0)) return Buffer.from(typed).toString();
      if (key === keys.interrupt) throw galleyError("cancelled", "cancelled", "cancelled");
      if (keys.erase.includes(key)) eraseCharacter(typed);
      else if (key === keys.eraseAll) typed.length = 0;
      else typed.push(key);
    }
  }
  return Buffer.from(typed).toString();
}

/** A character of UTF-8 is one byte, or a first one and then others that begin with the bits 10. */
function eraseCharacter(typed: number[]): void {
  for (let byte = typed.pop(); byte !== undefined && (byte & 0xc0) === 0x80; byte = typed.pop());
}
