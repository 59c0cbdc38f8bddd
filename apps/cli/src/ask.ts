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
  const typed: number[] = [];
  await eachByte(input, (key) => keys.end.includes(key) || typed.push(key) === 0);
  return Buffer.from(typed).toString().trim();
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
    await writeAll(1, Buffer.from("\n"));
  }
}

async function readSecret(input: AskedTerminal): Promise<string> {
  const typed: number[] = [];
  await eachByte(input, (key) => {
    if (keys.end.includes(key) || (key === keys.close && typed.length === 0)) return true;
    if (key === keys.interrupt) throw galleyError("cancelled", "cancelled", "cancelled");
    if (keys.erase.includes(key)) eraseCharacter(typed);
    else if (key === keys.eraseAll) typed.length = 0;
    else typed.push(key);
    return false;
  });
  return Buffer.from(typed).toString();
}

/** A character of UTF-8 is one byte, or a first one and then others that begin with the bits 10. */
function eraseCharacter(typed: number[]): void {
  for (let byte = typed.pop(); byte !== undefined && (byte & 0xc0) === 0x80; byte = typed.pop());
}

/** Hands on bytes until one is the last, or there are no more. What follows the last one stays for who asks next. */
function eachByte(input: AskedTerminal, isLast: (byte: number) => boolean): Promise<void> {
  if (input.readableEnded) return Promise.resolve();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const take = (chunk: Uint8Array): void => {
    try {
      const last = chunk.findIndex(isLast);
      if (last < 0) return;
      input.pause();
      if (last + 1 < chunk.length) input.unshift(chunk.subarray(last + 1));
      resolve();
    } catch (error) {
      reject(error);
    }
  };
  input.on("data", take).once("end", resolve).once("error", reject).resume();
  return promise.finally(() => input.off("data", take).off("end", resolve).off("error", reject).pause());
}
