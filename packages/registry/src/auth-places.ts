import { galleyError } from "@galley/spec";

/** What says where credentials are kept. */
export interface AuthPlaces {
  /**
   * `HOME`, `XDG_RUNTIME_DIR`, `XDG_CONFIG_HOME`, `REGISTRY_AUTH_FILE`, `DOCKER_CONFIG`, and `PATH` for credential
   * helpers count.
   */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of the user, for the place that Podman uses without `XDG_RUNTIME_DIR`. */
  readonly uid?: number;
  /** Looked at alone, like `--authfile`. */
  readonly authFilePath?: string;
  /** Looked at alone, and written as Docker does, like `--compat-auth-file`. */
  readonly compatAuthFilePath?: string;
}

/** The file that gets new credentials. */
export interface AuthFilePlace {
  readonly path: string;
  /** In Docker's manner: its name for its own registry, and no namespaces. */
  readonly docker: boolean;
}

/**
 * The files that may hold credentials; the first that knows the registry wins. One that was named, by an option,
 * `REGISTRY_AUTH_FILE` or `DOCKER_CONFIG`, is the only one.
 *
 * @example
 * authFilePaths({ environment: { REGISTRY_AUTH_FILE: "/etc/pull.json" } }); // ["/etc/pull.json"]
 */
export function authFilePaths(places: AuthPlaces): string[] {
  const named = namedFile(places);
  if (named) return [named.path];
  const { HOME, XDG_CONFIG_HOME } = places.environment;
  const config = XDG_CONFIG_HOME || (HOME && `${HOME}/.config`);
  const primary = primaryFile(places);
  return [
    ...(primary ? [primary] : []),
    ...(config ? [`${config}/containers/auth.json`] : []),
    ...(HOME ? [`${HOME}/.docker/config.json`, `${HOME}/.dockercfg`] : []),
  ];
}

/** Where new credentials go. Throws `invalid` when nothing says where, or two options do. */
export function authFileToWrite(places: AuthPlaces): AuthFilePlace {
  const primary = primaryFile(places);
  const place = namedFile(places) ?? (primary ? { path: primary, docker: false } : undefined);
  if (place) return place;
  throw galleyError("invalid", "registry.no-auth-file", "nothing says where credentials are kept");
}

/** Whether credentials are written as Docker does. */
export function isDockerFile(places: AuthPlaces): boolean {
  return namedFile(places)?.docker ?? false;
}

function namedFile({ authFilePath, compatAuthFilePath, environment }: AuthPlaces): AuthFilePlace | undefined {
  const { REGISTRY_AUTH_FILE, DOCKER_CONFIG } = environment;
  if (authFilePath && compatAuthFilePath) {
    const message = "a credential file and a Docker-compatible credential file cannot be used at once";
    throw galleyError("invalid", "registry.two-auth-files", message);
  }
  if (compatAuthFilePath) return { path: compatAuthFilePath, docker: true };
  const path = authFilePath || REGISTRY_AUTH_FILE;
  if (path) return { path, docker: false };
  return DOCKER_CONFIG ? { path: `${DOCKER_CONFIG}/config.json`, docker: true } : undefined;
}

function primaryFile({ environment: { XDG_RUNTIME_DIR }, uid }: AuthPlaces): string | undefined {
  if (XDG_RUNTIME_DIR) return `${XDG_RUNTIME_DIR}/containers/auth.json`;
  return uid === undefined ? undefined : `/run/containers/${uid}/auth.json`;
}
