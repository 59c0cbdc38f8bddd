import { findHelper, isKeyOfDomain, isObject, type JsonObject, parseAuthFile, storeKey } from "./auth-file.ts";
import { checkRuntimeDirectory, editAuthFile } from "./auth-file-edit.ts";
import { type AuthFileOptions, authFilesHelper, helperOf, keepersOf } from "./auth-files.ts";
import { authFileToWrite } from "./auth-places.ts";
import { checkCredentialKey } from "./credential-key.ts";

/**
 * Forgets what {@link saveCredentials} would have kept under the same key, in the file and in the credential helpers that
 * it names. False when there was nothing; other files are never touched.
 *
 * @example
 * if (!(await forgetCredentials(options, "quay.io"))) console.log("not logged in");
 */
export async function forgetCredentials(options: AuthFileOptions, key: string): Promise<boolean> {
  const { namespaced } = checkCredentialKey(key);
  let known = false;
  for (const keeper of keepersOf(options)) {
    if (keeper === authFilesHelper) known = (await forgetInFile(options, key)) || known;
    else if (!namespaced) known = (await helperOf(options, keeper).erase(key)) || known;
  }
  return known;
}

async function forgetInFile(options: AuthFileOptions, key: string): Promise<boolean> {
  const { domain, namespaced } = checkCredentialKey(key);
  let known = false;
  await edit(options, async (path, document) => {
    const file = parseAuthFile(path, JSON.stringify(document));
    const helper = namespaced ? undefined : findHelper(file, domain);
    if (helper) known = await helperOf(options, helper.name).erase(helper.server);
    else if (file.store !== undefined && !namespaced) {
      known = await helperOf(options, file.store).erase(storeKey(domain));
    }
    const same = (each: string): boolean => each === key || (!namespaced && isKeyOfDomain(each, domain));
    const gone = [...file.entries.keys()].some(same);
    known ||= gone;
    return withoutEntries(document, same);
  });
  return known;
}

/**
 * Forgets all credentials of the file, and what the credential helpers keep that it names for registries. Other files are
 * never touched, nor what the file's store keeps for registries that the file does not name.
 *
 * @example
 * await forgetAllCredentials({ readFile: readTextFile, environment: process.env });
 */
export async function forgetAllCredentials(options: AuthFileOptions): Promise<void> {
  for (const keeper of keepersOf(options)) {
    if (keeper === authFilesHelper) await emptyFile(options);
    else
      for (const server of (await helperOf(options, keeper).list()).keys())
        await helperOf(options, keeper).erase(server);
  }
}

async function emptyFile(options: AuthFileOptions): Promise<void> {
  await edit(options, async (path, document) => {
    const { helpers, store } = parseAuthFile(path, JSON.stringify(document));
    for (const [server, name] of helpers) await helperOf(options, name).erase(server);
    const auths = isObject(document["auths"]) ? Object.keys(document["auths"]) : [];
    for (const server of store === undefined ? [] : auths) await helperOf(options, store ?? "").erase(server);
    return withoutEntries(document, () => true);
  });
}

async function edit(
  options: AuthFileOptions,
  change: (path: string, document: JsonObject) => Promise<JsonObject>,
): Promise<void> {
  const { path } = authFileToWrite(options);
  // Nothing is made, no directory either, only to take something away.
  if ((await options.readFile(path)) === undefined) return;
  await checkRuntimeDirectory(path, options.environment["XDG_RUNTIME_DIR"]);
  await editAuthFile(path, (document) => change(path, document));
}

/** The same document when no entry goes. */
function withoutEntries(document: JsonObject, goes: (key: string) => boolean): JsonObject {
  const auths = document["auths"];
  if (!isObject(auths) || !Object.keys(auths).some(goes)) return document;
  return { ...document, auths: Object.fromEntries(Object.entries(auths).filter(([key]) => !goes(key))) };
}
