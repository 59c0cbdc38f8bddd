import { galleyError } from "@galley/spec";
import { type AuthEntry, badAuthFile, findEntry, findHelper, parseAuthFile, storeKey } from "./auth-file.ts";
import { type AuthPlaces, authFilePaths, isDockerFile } from "./auth-places.ts";
import { type CredentialHelper, openCredentialHelper } from "./credential-helper.ts";
import type { CredentialLookup, Credentials } from "./options.ts";

/** Reads a file; undefined when there is none. */
export type ReadTextFile = (path: string) => Promise<string | undefined>;

export interface AuthFileOptions extends AuthPlaces {
  readonly readFile: ReadTextFile;
  /** Opens the credential helper `docker-credential-<name>`; when not given, runs the one in `PATH`. */
  readonly openHelper?: (name: string) => CredentialHelper;
  /**
   * Where credentials are saved and forgotten, in order: helpers' names, and `containers-auth.json` for the files. The
   * files alone when empty or not given. Looking up does not go by it, see `credentialsFromConf`.
   */
  readonly credentialHelpers?: readonly string[];
}

/**
 * Looks credentials up in the files that Podman and Docker keep (containers-auth.json(5)), each time anew, and with the
 * credential helpers that the files name. Errors: `invalid` for a bad file, or an `authFilePath` that is not there,
 * `unavailable` when a helper is missing or fails.
 *
 * @example
 * const credentials = credentialsFromAuthFiles({ readFile: readTextFile, environment: process.env });
 */
export function credentialsFromAuthFiles(options: AuthFileOptions): CredentialLookup {
  return async (domain, repository) => {
    const found = await findCredentials(options, domain, repository);
    if (found || options.authFilePath === undefined) return found;
    if ((await options.readFile(options.authFilePath)) !== undefined) return undefined;
    const message = `credential file is not accessible: there is no ${options.authFilePath}`;
    throw galleyError("invalid", "registry.no-auth-file", message, { details: { path: options.authFilePath } });
  };
}

/** As {@link credentialsFromAuthFiles}; a file that was named and is not there is no error. */
export async function findCredentials(
  options: AuthFileOptions,
  domain: string,
  repository: string,
): Promise<Credentials | undefined> {
  for (const path of authFilePaths(options)) {
    const found = await findInFile(options, path, { domain, repository });
    if (found) return found;
  }
  return undefined;
}

/** A helper that is named for the registry is the only one asked in its file; then come entries, then the file's store. */
async function findInFile(
  options: AuthFileOptions,
  path: string,
  { domain, repository }: { readonly domain: string; readonly repository: string },
): Promise<Credentials | undefined> {
  const text = await options.readFile(path);
  if (text === undefined) return undefined;
  const file = parseAuthFile(path, text);
  const helper = findHelper(file, domain);
  if (helper) return helperOf(options, helper.name).get(helper.server);
  const entry = findEntry(file, domain, repository);
  if (entry) return decodeEntry(path, entry);
  return file.store === undefined ? undefined : helperOf(options, file.store).get(storeKey(domain));
}

/** The value of `credential-helpers` that stands for the auth files (containers-registries.conf(5)). */
export const authFilesHelper = "containers-auth.json";

/** The places for credentials, in order. Docker knows nothing of the configuration of registries. */
export function keepersOf(options: AuthFileOptions): readonly string[] {
  const { credentialHelpers = [] } = options;
  return credentialHelpers.length === 0 || isDockerFile(options) ? [authFilesHelper] : credentialHelpers;
}

/** The helper of that name, as the options open it. */
export function helperOf({ openHelper, environment }: AuthFileOptions, name: string): CredentialHelper {
  return openHelper ? openHelper(name) : openCredentialHelper(name, { environment });
}

/** Name and password of an entry. */
export function decodeEntry(path: string, { auth, identitytoken }: AuthEntry): Credentials {
  const text = Buffer.from(auth ?? "", "base64").toString();
  const colon = text.indexOf(":");
  if (colon < 0 && !identitytoken) throw badAuthFile(path, "an entry is not a name and a password");
  return {
    username: text.slice(0, Math.max(0, colon)),
    // Docker once padded the password with zero bytes.
    password: text.slice(colon + 1).replace(/\0+$/, ""),
    ...(identitytoken && { identityToken: identitytoken }),
  };
}
