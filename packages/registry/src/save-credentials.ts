import { galleyError } from "@galley/spec";
import { badAuthFile, dockerHubKey, isObject, type JsonObject, parseAuthFile, storeKey } from "./auth-file.ts";
import { checkRuntimeDirectory, editAuthFile } from "./auth-file-edit.ts";
import { type AuthFileOptions, authFilesHelper, helperOf, keepersOf } from "./auth-files.ts";
import { type AuthFilePlace, authFileToWrite } from "./auth-places.ts";
import { checkCredentialKey } from "./credential-key.ts";
import type { Credentials } from "./options.ts";

/** Where credentials are now. */
export interface SavedCredentials {
  /** The file, or the one that named the helper; none when the configuration of registries did. */
  readonly path?: string;
  /** The credential helper that keeps them. */
  readonly helper?: string;
}

/**
 * Keeps credentials for a registry, or for a namespace or repository of it, where Podman would: in the file that the
 * options or the environment name, else in the session's `auth.json`. All else in the file stays. The file is readable by
 * its owner alone; a credential helper that the file names gets them instead.
 *
 * @example
 * await saveCredentials(options, "quay.io/team", { username: "team+robot", password });
 */
export async function saveCredentials(
  options: AuthFileOptions,
  key: string,
  credentials: Credentials,
): Promise<SavedCredentials> {
  const { namespaced } = checkCredentialKey(key);
  const failures: unknown[] = [];
  for (const keeper of keepersOf(options)) {
    try {
      if (keeper === authFilesHelper) return await saveInFile(options, key, { credentials, namespaced });
      if (namespaced) throw noNamespaces(`credential helper ${keeper}`, key);
      await helperOf(options, keeper).store(key, credentials);
      return { helper: keeper };
    } catch (error) {
      failures.push(error);
    }
  }
  throw failures[0];
}

async function saveInFile(
  options: AuthFileOptions,
  key: string,
  { credentials, namespaced }: { readonly credentials: Credentials; readonly namespaced: boolean },
): Promise<SavedCredentials> {
  const place = authFileToWrite(options);
  if (place.docker && namespaced) throw noNamespaces(`${place.path}, which is in Docker's format`, key);
  await checkRuntimeDirectory(place.path, options.environment["XDG_RUNTIME_DIR"]);
  let helper: string | undefined;
  await editAuthFile(place.path, async (document) => {
    const keeper = keeperOf(place, document, key);
    helper = keeper?.name;
    if (!keeper) return withEntry(place, document, [fileKey(place, key), entryOf(credentials)]);
    if (namespaced) throw noNamespaces(`credential helper ${keeper.name}`, key);
    await helperOf(options, keeper.name).store(keeper.server, credentials);
    // Docker leaves an empty entry where its store knows more.
    return keeper.marked ? withEntry(place, document, [keeper.server, {}]) : document;
  });
  return { path: place.path, ...(helper !== undefined && { helper }) };
}

interface Keeper {
  readonly name: string;
  readonly server: string;
  readonly marked: boolean;
}

function keeperOf(place: AuthFilePlace, document: JsonObject, key: string): Keeper | undefined {
  const file = parseAuthFile(place.path, JSON.stringify(document));
  const name = file.helpers.get(fileKey(place, key)) ?? file.helpers.get(key);
  if (name !== undefined)
    return { name, server: file.helpers.has(fileKey(place, key)) ? fileKey(place, key) : key, marked: false };
  return file.store === undefined ? undefined : { name: file.store, server: storeKey(key), marked: true };
}

function withEntry({ path }: AuthFilePlace, document: JsonObject, [key, entry]: [string, JsonObject]): JsonObject {
  const auths = document["auths"] ?? {};
  if (!isObject(auths)) throw badAuthFile(path, "its auths are no table");
  return { ...document, auths: { ...auths, [key]: entry } };
}

function entryOf({ username, password, identityToken }: Credentials): JsonObject {
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  return { auth, ...(identityToken !== undefined && { identitytoken: identityToken }) };
}

/** What a key is called in a file. */
export function fileKey({ docker }: AuthFilePlace, key: string): string {
  return docker && key === "docker.io" ? dockerHubKey : key;
}

function noNamespaces(where: string, key: string): Error {
  const message = `${where} keeps credentials for registries only, and ${key} is a part of one`;
  return galleyError("unsupported", "registry.no-namespaces", message);
}
