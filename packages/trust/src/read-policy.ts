import { readFile } from "node:fs/promises";
import { wrapError } from "@galley/spec";
import { parsePolicy } from "./parse-policy.ts";
import type { Policy } from "./policy.ts";

export interface ReadPolicyOptions {
  /** `HOME` counts. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Read instead of the usual files; must exist. */
  readonly path?: string;
  /** What the system's policy.json is in, `/etc/containers` unless given. */
  readonly systemDirectory?: string;
}

/**
 * Reads the policy that holds here: the user's `~/.config/containers/policy.json`, or else `/etc/containers/policy.json`. Where neither is,
 * everything may come.
 *
 * @throws invalid trust.bad-policy
 *
 * @example
 * const policy = await readPolicy({ environment: process.env });
 */
export async function readPolicy(options: ReadPolicyOptions): Promise<Policy> {
  const { environment, path, systemDirectory = "/etc/containers" } = options;
  if (path !== undefined) return parsePolicy(path, await readFile(path, "utf8").catch((cause) => fail(path, cause)));
  const user = environment["HOME"] ? [`${environment["HOME"]}/.config/containers/policy.json`] : [];
  for (const each of [...user, `${systemDirectory}/policy.json`]) {
    const text = await readIfThere(each);
    if (text !== undefined) return parsePolicy(each, text);
  }
  return { default: [{ type: "insecureAcceptAnything" }], transports: new Map() };
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    return fail(path, cause);
  }
}

function fail(path: string, cause: unknown): never {
  throw wrapError(`read policy ${path}`, cause);
}
