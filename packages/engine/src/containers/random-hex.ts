import { closeSync, openSync, readSync } from "node:fs";

/**
 * So many random bytes in hex, from the kernel (random(4)). Loading `node:crypto` for it would cost a command that starts a
 * container a twentieth of its time.
 */
export function randomHex(bytes: number): string {
  const buffer = Buffer.alloc(bytes);
  const source = openSync("/dev/urandom", "r");
  try {
    readSync(source, buffer);
  } finally {
    closeSync(source);
  }
  return buffer.toString("hex");
}
