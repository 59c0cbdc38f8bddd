import { writeSync } from "node:fs";

const retryMs = 2;

/** Where text and bytes go; an object so that tests can stand in. */
export const output = { writeSync };

/** Standard output is closed: whoever read it has had enough. */
export class ClosedOutput extends Error {}

/**
 * Writes everything to a descriptor of ours. It blocks, as a pipe's writer should; undefined means done. A descriptor that somebody
 * set to non-blocking is waited for without blocking. `process.stdout` would cost 1.2 ms at the start of every command.
 *
 * @throws ClosedOutput when nobody reads any more
 */
export function writeAll(descriptor: number, bytes: Uint8Array): void | Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const written = writeSome(descriptor, bytes.subarray(at));
    if (written === undefined) return retry(descriptor, bytes.subarray(at));
    at += written;
  }
}

async function retry(descriptor: number, bytes: Uint8Array): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, retryMs));
  await writeAll(descriptor, bytes);
}

function writeSome(descriptor: number, bytes: Uint8Array): number | undefined {
  try {
    return output.writeSync(descriptor, bytes);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EAGAIN") return undefined;
    if (code === "EPIPE") throw new ClosedOutput("standard output is closed");
    throw error;
  }
}

/** A line for standard output. */
export function print(line: string): void | Promise<void> {
  return writeAll(1, Buffer.from(`${line}\n`));
}

/** A line for standard error; one that cannot be written is lost. */
export function printError(line: string): void {
  try {
    Promise.resolve(writeAll(2, Buffer.from(`${line}\n`))).catch(() => {});
  } catch {
    // nobody reads what went wrong
  }
}
