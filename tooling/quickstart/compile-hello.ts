import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Compiles hello.c, which lies beside this file, into a static program and returns its bytes. */
export async function compileHello(intoPath: string): Promise<Uint8Array> {
  const programPath = join(intoPath, "hello");
  const source = join(import.meta.dirname, "hello.c");
  await run(process.env["CC"] ?? "cc", ["-O2", "-Wall", "-Wextra", "-static", "-o", programPath, source]);
  return readFile(programPath);
}
