import { writeSync } from "node:fs";
import { galleyError, isGalleyError } from "@galley/spec";

const retryMs = 2;

/** Where text and bytes go; an object so that tests can stand in. */
export const output = { writeSync };

const closedCode = "cli.closed-output";

/** Is that error a closed standard output, whose reader has had enough? */
export function isClosedOutput(error: unknown): boolean {
  return isGalleyError(error) && error.code === closedCode;
}

/**
 * Writes everything to a descriptor of ours. It blocks, as a pipe's writer should; undefined means done. A descriptor that somebody
 * set to non-blocking is waited for without blocking. `process.stdout` would cost 1.2 ms at the start of every command.
 *
 * @throws GalleyError unavailable, for which `isClosedOutput` holds, when nobody reads any more
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
    if (code === "EPIPE")
      throw galleyError("unavailable", closedCode, "write output: nobody reads it", { cause: error });
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
