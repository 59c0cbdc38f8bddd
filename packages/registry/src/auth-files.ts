import { galleyError } from "@galley/spec";
import { type AuthEntry, parseAuthFile } from "./auth-file.ts";
import type { CredentialLookup, Credentials } from "./options.ts";

/** Reads a file; undefined when there is none. */
export type ReadTextFile = (path: string) => Promise<string | undefined>;

export interface AuthFileOptions {
  readonly readFile: ReadTextFile;
  /** `HOME`, `XDG_RUNTIME_DIR`, `XDG_CONFIG_HOME`, `REGISTRY_AUTH_FILE` and `DOCKER_CONFIG` count. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of the user, for the place that Podman uses without `XDG_RUNTIME_DIR`. */
  readonly uid?: number;
  /** Looked at alone, like `--authfile`. */
  readonly authFilePath?: string;
}

/**
 * Looks credentials up in the files that Podman and Docker keep (containers-auth.json(5)), each time anew.
 *
 * @example
 * const credentials = credentialsFromAuthFiles({ readFile, environment: process.env });
 */
export function credentialsFromAuthFiles(options: AuthFileOptions): CredentialLookup {
  return async (domain, repository) => {
    for (const path of authFilePaths(options)) {
      const text = await options.readFile(path);
      const entry = text === undefined ? undefined : find(parseAuthFile(path, text), domain, repository);
      if (entry) return decode(path, entry);
    }
    return undefined;
  };
}

/** The files that may hold credentials; the first that knows the registry wins. */
export function authFilePaths({ environment, uid, authFilePath }: AuthFileOptions): string[] {
  const { HOME, XDG_RUNTIME_DIR, XDG_CONFIG_HOME, REGISTRY_AUTH_FILE, DOCKER_CONFIG } = environment;
  const only = authFilePath ?? REGISTRY_AUTH_FILE;
  if (only) return [only];
  const runtime = XDG_RUNTIME_DIR || (uid === undefined ? undefined : `/run/containers/${uid}`);
  const config = XDG_CONFIG_HOME || (HOME && `${HOME}/.config`);
  const docker = DOCKER_CONFIG || (HOME && `${HOME}/.docker`);
  return [
    ...(runtime ? [XDG_RUNTIME_DIR ? `${runtime}/containers/auth.json` : `${runtime}/auth.json`] : []),
    ...(config ? [`${config}/containers/auth.json`] : []),
    ...(docker ? [`${docker}/config.json`] : []),
  ];
}

/** The entry for the repository, or else for what encloses it, up to the registry. */
function find(entries: ReadonlyMap<string, AuthEntry>, domain: string, repository: string): AuthEntry | undefined {
  const parts = [domain, ...repository.split("/")];
  for (let length = parts.length; length > 0; length--) {
    const entry = entries.get(parts.slice(0, length).join("/"));
    if (entry) return entry;
  }
  return undefined;
}

function decode(path: string, { auth, identitytoken }: AuthEntry): Credentials {
  const text = Buffer.from(auth ?? "", "base64").toString();
  const colon = text.indexOf(":");
  if (colon < 0 && !identitytoken) {
    throw galleyError("invalid", "registry.bad-auth-file", `read ${path}: an entry is not a name and a password`);
  }
  return {
    username: text.slice(0, Math.max(0, colon)),
    // Docker once padded the password with zero bytes.
    password: text.slice(colon + 1).replace(/\0+$/, ""),
    ...(identitytoken && { identityToken: identitytoken }),
  };
}
