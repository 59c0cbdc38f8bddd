import { type GalleyError, galleyError } from "@galley/spec";
import { isObject } from "./auth-file.ts";
import type { HelperAnswer, HelperVerb } from "./credential-helper-process.ts";
import type { Credentials } from "./options.ts";
import { printable } from "./registry-error.ts";

/** A program that keeps credentials: a key ring, a cloud's login. Registries go by the name that the program knows. */
export interface CredentialHelper {
  /** Undefined when it knows none. */
  get(server: string): Promise<Credentials | undefined>;
  store(server: string, credentials: Credentials): Promise<void>;
  /** False when there was nothing. */
  erase(server: string): Promise<boolean>;
  /** User names by registry. */
  list(): Promise<ReadonlyMap<string, string>>;
}

export interface CredentialHelperOptions {
  /** The program's environment; it is found by the absolute directories of `PATH`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly timeLimitMs?: number;
}

/** The user name that says that the secret is an identity token. */
const tokenUser = "<token>";

/** What the helpers of the world say when they know nothing. */
const nothingKnown = "credentials not found in native keychain";

/**
 * Speaks with the program `docker-credential-<name>`: the verb as its argument, all else through its standard input
 * and output. Throws `invalid` for a name that is none; its calls throw `unavailable` when the program is missing, fails
 * or takes too long, `corrupt` for an answer that is none.
 *
 * @example
 * const { username } = (await openCredentialHelper("pass", { environment: process.env }).get("quay.io")) ?? {};
 */
export function openCredentialHelper(name: string, options: CredentialHelperOptions): CredentialHelper {
  // It becomes part of a file name, so it may not lead elsewhere.
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) {
    const message = `${JSON.stringify(printable(name))} is no name of a credential helper`;
    throw galleyError("invalid", "registry.bad-credential-helper", message);
  }
  const ask = async (verb: HelperVerb, input: string): Promise<HelperAnswer> => {
    const { runCredentialHelper } = await import("./credential-helper-process.ts");
    return runCredentialHelper(`docker-credential-${name}`, { ...options, verb, input });
  };
  return {
    async get(server) {
      const answer = await ask("get", server);
      if (isNothing(answer)) return undefined;
      return credentialsOf(name, succeeded(name, answer, { verb: "get", server }));
    },
    async store(server, { username, password, identityToken }) {
      const [user, secret] = identityToken === undefined ? [username, password] : [tokenUser, identityToken];
      const answer = await ask("store", JSON.stringify({ ServerURL: server, Username: user, Secret: secret }));
      succeeded(name, answer, { verb: "store", server, secret });
    },
    async erase(server) {
      const answer = await ask("erase", server);
      if (isNothing(answer)) return false;
      succeeded(name, answer, { verb: "erase", server });
      return true;
    },
    async list() {
      const output = succeeded(name, await ask("list", "{}"), { verb: "list" });
      const known = Object.entries(parse(name, output));
      return new Map(known.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
    },
  };
}

function isNothing({ exitCode, output }: HelperAnswer): boolean {
  return exitCode !== 0 && output.trim() === nothingKnown;
}

interface Asked {
  readonly verb: HelperVerb;
  readonly server?: string;
  readonly secret?: string;
}

function succeeded(name: string, { exitCode, output }: HelperAnswer, { verb, server, secret }: Asked): string {
  if (exitCode === 0) return output;
  const about = server === undefined ? "" : ` of ${printable(server)}`;
  // A program in disorder may repeat what it was given, or print what it keeps.
  const mayShow = !output.includes("{") && !(secret && output.includes(secret));
  const why = (mayShow && printable(output)) || `it ended with ${exitCode ?? "a signal"}`;
  throw failed(name, `${verb} credentials${about}: ${why}`);
}

function credentialsOf(name: string, output: string): Credentials | undefined {
  const { Username, Secret } = parse(name, output);
  if (typeof Username !== "string" || typeof Secret !== "string") {
    throw galleyError("corrupt", "registry.credential-helper-failed", `docker-credential-${name}: no credentials`);
  }
  if (Username === tokenUser) return { username: "", password: "", identityToken: Secret };
  return Username === "" && Secret === "" ? undefined : { username: Username, password: Secret };
}

function parse(name: string, output: string): Readonly<Record<string, unknown>> {
  try {
    const answer: unknown = JSON.parse(output);
    if (isObject(answer)) return answer;
  } catch {
    // Without the cause: its message repeats a piece of the answer.
  }
  throw galleyError(
    "corrupt",
    "registry.credential-helper-failed",
    `docker-credential-${name}: its answer is not JSON`,
  );
}

function failed(name: string, why: string): GalleyError {
  return galleyError("unavailable", "registry.credential-helper-failed", `docker-credential-${name}: ${why}`);
}
