import type { AuthFileOptions } from "@galley/registry";
import { galleyError } from "@galley/spec";
import { type RegistryAccess, registriesConf } from "../images/registry-access.ts";

/** Where logins are kept, and how to speak to the registries that they are for. */
export interface LoginPlace extends RegistryAccess {
  /** Used in place of all other files, and written as Docker does. */
  readonly compatAuthFilePath?: string;
}

/** What a login is for. */
export interface LoginTarget {
  /** A registry, or a namespace or repository of one: `quay.io/team`. */
  readonly key: string;
  /** The registry: `quay.io`. */
  readonly domain: string;
}

/**
 * What a word of a user means: a registry, a part of one, or an address, of which only the host counts. Without a word it is the first
 * registry that registries.conf searches, Docker Hub when it says nothing.
 *
 * @throws invalid registry.bad-credential-key
 *
 * @example
 * const { key } = await loginTarget("https://quay.io/v2/"); // "quay.io"
 */
export async function loginTarget(word: string | undefined, place: LoginPlace = {}): Promise<LoginTarget> {
  const { checkCredentialKey } = await import("@galley/registry");
  const key = word === undefined ? await firstRegistry(place) : hostOfAddress(word);
  return { key, domain: checkCredentialKey(key).domain };
}

async function firstRegistry(place: LoginPlace): Promise<string> {
  const { searchRegistries: [first = "docker.io"] = [] } = await registriesConf(place);
  return first;
}

function hostOfAddress(word: string): string {
  if (!/^https?:\/\//.test(word)) return word;
  if (URL.canParse(word)) return new URL(word).host;
  throw galleyError("invalid", "engine.bad-registry", `${JSON.stringify(word)} is no address of a registry`);
}

/** What the registry package has to know to find the files. */
export async function authOptions(place: LoginPlace): Promise<AuthFileOptions> {
  const { readTextFile } = await import("@galley/registry");
  const { authFilePath, compatAuthFilePath } = place;
  const { credentialHelpers } = await registriesConf(place);
  return {
    readFile: readTextFile,
    environment: process.env,
    credentialHelpers,
    ...(process.getuid ? { uid: process.getuid() } : {}),
    ...(authFilePath === undefined ? {} : { authFilePath }),
    ...(compatAuthFilePath === undefined ? {} : { compatAuthFilePath }),
  };
}
