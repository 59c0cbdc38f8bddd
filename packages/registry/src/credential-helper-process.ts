import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { galleyError } from "@galley/spec";
import { credentialHelperLimitMs, maxCredentialHelperBytes } from "./limits.ts";

export type HelperVerb = "get" | "store" | "erase" | "list";

export interface HelperAnswer {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly output: string;
}

interface HelperCall {
  readonly verb: HelperVerb;
  readonly input: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly timeLimitMs?: number;
}

/** Runs a program once: the verb is its only argument, secrets go through its standard input and output. */
export async function runCredentialHelper(program: string, call: HelperCall): Promise<HelperAnswer> {
  const path = await findProgram(program, call.environment["PATH"] ?? "");
  if (path === undefined) {
    const message = `${program} is not in PATH, but keeps the credentials that are asked for`;
    throw galleyError("unavailable", "registry.credential-helper-missing", message);
  }
  // What it says on standard error may be anything, secrets too.
  const child = spawn(path, [call.verb], { env: { ...call.environment }, stdio: ["pipe", "pipe", "ignore"] });
  const limitMs = call.timeLimitMs ?? credentialHelperLimitMs;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    stop(child);
  }, limitMs);
  try {
    const answer = await talk(program, child, call.input);
    if (!late) return answer;
    throw failed(`${program} ${call.verb}: no answer within ${limitMs} ms`);
  } finally {
    clearTimeout(timer);
  }
}

async function findProgram(name: string, searchPath: string): Promise<string | undefined> {
  // A relative directory would let the place where a command is run choose who gets the credentials.
  for (const directory of searchPath.split(":").filter(isAbsolute)) {
    const path = join(directory, name);
    const found = await stat(path).catch(() => undefined);
    const runs =
      found?.isFile() &&
      (await access(path, constants.X_OK).then(
        () => true,
        () => false,
      ));
    if (runs) return path;
  }
  return undefined;
}

function talk(program: string, child: ChildProcess, input: string): Promise<HelperAnswer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let sizeBytes = 0;
    child.stdout?.on("data", (part: Buffer) => {
      sizeBytes += part.byteLength;
      if (sizeBytes <= maxCredentialHelperBytes) return void parts.push(part);
      stop(child);
      reject(failed(`${program}: its answer is too long`));
    });
    child.on("error", () => reject(failed(`${program}: it cannot be run`)));
    child.on("close", (code) => resolve({ exitCode: code ?? undefined, output: Buffer.concat(parts).toString() }));
    // One that does not read what it is told says so by its exit code.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}

/** Also lets go of the pipes, which its own children may hold. */
function stop(child: ChildProcess): void {
  child.kill("SIGKILL");
  child.stdin?.destroy();
  child.stdout?.destroy();
}

function failed(message: string): Error {
  return galleyError("unavailable", "registry.credential-helper-failed", message);
}
