import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const timeoutMs = 60_000;

/** Runs a command and gives its standard output; throws with what it said when it fails or takes too long. */
export async function command(
  program: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const env = { ...process.env, ...environment };
  const { stdout } = await run(program, words, { timeout: timeoutMs, maxBuffer: 1 << 26, env });
  return stdout;
}

/**
 * The same with /dev/null for standard input and real pipes for the rest, which is what podman's conmon gives a container;
 * Node's own pipes are sockets. Ends when the last holder of the pipes has ended.
 */
export function commandWithPipes(program: string, words: readonly string[]): Promise<string> {
  const script = '{ "$@" 2>&1 1>&3 3>&- </dev/null | cat >&2; } 3>&1 | cat';
  return command("sh", ["-c", script, "sh", program, ...words]);
}

/** The same with a terminal for all three; util-linux's script(1) makes one. */
export function commandWithTerminal(program: string, words: readonly string[]): Promise<string> {
  const line = [program, ...words].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  return command("script", ["--quiet", "--return", "--command", line, "/dev/null"]);
}
