import { isKeyOfDomain, parseAuthFile } from "./auth-file.ts";
import { type AuthFileOptions, decodeEntry, helperOf } from "./auth-files.ts";
import { authFilePaths } from "./auth-places.ts";

/** A login, without what is secret about it. */
export interface KnownLogin {
  /** A registry, or a part of one. */
  readonly key: string;
  /** Empty for an identity token without a name. */
  readonly username: string;
  /** The file that knows, or names the helper that knows. */
  readonly path: string;
  readonly helper?: string;
}

/**
 * All logins that {@link credentialsFromAuthFiles} would find, each registry and part of one once.
 *
 * @example
 * for (const { key, username } of await listCredentials(options)) console.log(key, username);
 */
export async function listCredentials(options: AuthFileOptions): Promise<KnownLogin[]> {
  const known = new Map<string, KnownLogin>();
  for (const path of authFilePaths(options)) {
    for (const login of await loginsOf(options, path)) if (!known.has(login.key)) known.set(login.key, login);
  }
  return [...known.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

async function loginsOf(options: AuthFileOptions, path: string): Promise<KnownLogin[]> {
  const text = await options.readFile(path);
  if (text === undefined) return [];
  const { entries, helpers, store } = parseAuthFile(path, text);
  const logins: KnownLogin[] = [];
  for (const [server, helper] of helpers) {
    const found = await helperOf(options, helper).get(server);
    if (found) logins.push({ key: keyOf(server), username: found.username, path, helper });
  }
  for (const [key, entry] of entries)
    logins.push({ key: keyOf(key), username: decodeEntry(path, entry).username, path });
  if (store === undefined) return logins;
  for (const [server, username] of await helperOf(options, store).list()) {
    logins.push({ key: keyOf(server), username, path, helper: store });
  }
  return logins;
}

/** As one would write it in a reference. */
function keyOf(server: string): string {
  if (isKeyOfDomain(server, "docker.io")) return "docker.io";
  const bare = server.replace(/^https?:\/\//, "");
  return bare === server ? server : (bare.split("/", 1)[0] ?? "");
}
