import { readdir, readFile } from "node:fs/promises";
import { type GalleyError, galleyError, type Reference, wrapError } from "@galley/spec";
import { maxPolicyBytes } from "./limits.ts";
import { isRecord } from "./policy-object.ts";
import { scopesOf } from "./scopes.ts";

/** Where signatures of a registry's images are kept. */
export interface SignatureStore {
  /** Of simple signatures: an `https`, `http` or `file` address. */
  readonly lookaside?: URL;
  /** Whether cosign's attachments are looked at; only when false they are not. */
  readonly useSigstoreAttachments?: boolean;
}

export interface SignatureStoreOptions {
  /** `HOME` counts. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What the system's registries.d is in, `/etc/containers` unless given. */
  readonly systemDirectory?: string;
  /** Root has another place for signatures than others. */
  readonly root: boolean;
}

/**
 * Where an image's signatures are (containers-registries.d(5)): by the narrowest section of the user's `registries.d/*.yaml`, or of the system's
 * when the user has none.
 *
 * @throws invalid trust.bad-registries-d
 *
 * @example
 * const { lookaside } = await signatureStoreFor(parseReference("quay.io/app:1"), { environment: process.env, root: false });
 */
export async function signatureStoreFor(reference: Reference, options: SignatureStoreOptions): Promise<SignatureStore> {
  const { sections, fallback } = await readSections(options);
  const scope = scopesOf({ transport: "docker", reference }).find((each) => sections.has(each));
  return (scope === undefined ? fallback : sections.get(scope)) ?? defaultStore(options);
}

function defaultStore({ environment, root }: SignatureStoreOptions): SignatureStore {
  if (root) return { lookaside: new URL("file:///var/lib/containers/sigstore") };
  const home = environment["HOME"];
  return home ? { lookaside: new URL(`file://${encodeURI(home)}/.local/share/containers/sigstore`) } : {};
}

interface Sections {
  readonly sections: ReadonlyMap<string, SignatureStore>;
  readonly fallback?: SignatureStore;
}

async function readSections({
  environment,
  systemDirectory = "/etc/containers",
}: SignatureStoreOptions): Promise<Sections> {
  const home = environment["HOME"] ? [`${environment["HOME"]}/.config/containers/registries.d`] : [];
  const sections = new Map<string, SignatureStore>();
  let fallback: SignatureStore | undefined;
  for (const path of await filesOf([...home, `${systemDirectory}/registries.d`])) {
    const file = await parseFile(path);
    for (const [scope, section] of Object.entries(recordOf(path, file["docker"] ?? {}, "docker"))) {
      if (sections.has(scope)) throw bad(path, `docker.${scope} is configured by another file, too`);
      sections.set(scope, storeOf(path, section, `docker.${scope}`));
    }
    const own = file["default-docker"];
    if (own === undefined || own === null) continue;
    if (fallback) throw bad(path, "default-docker is configured by another file, too");
    fallback = storeOf(path, own, "default-docker");
  }
  return { sections, ...(fallback && { fallback }) };
}

/** Of the first directory that is there. */
async function filesOf(directories: readonly string[]): Promise<string[]> {
  for (const directory of directories) {
    try {
      const names = await readdir(directory);
      return names
        .filter((name) => name.endsWith(".yaml"))
        .sort()
        .map((name) => `${directory}/${name}`);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code !== "ENOENT" && code !== "ENOTDIR") throw wrapError(`read ${directory}`, cause);
    }
  }
  return [];
}

async function parseFile(path: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw wrapError(`read ${path}`, cause);
  });
  if (text.length > maxPolicyBytes) throw bad(path, "it is too large");
  const { parse } = await import("yaml");
  try {
    return recordOf(path, parse(text, { maxAliasCount: 0 }) ?? {}, "the file");
  } catch (cause) {
    throw bad(path, (cause as Error).message.split("\n", 1)[0] ?? "not YAML");
  }
}

function storeOf(path: string, value: unknown, at: string): SignatureStore {
  const section = recordOf(path, value ?? {}, at);
  // The name that this setting had before.
  const address = section["lookaside"] ?? section["sigstore"];
  const attachments = section["use-sigstore-attachments"];
  if (attachments !== undefined && typeof attachments !== "boolean")
    throw bad(path, `${at}.use-sigstore-attachments must be true or false`);
  return {
    ...(address !== undefined && { lookaside: addressOf(path, address, at) }),
    ...(attachments !== undefined && { useSigstoreAttachments: attachments }),
  };
}

function addressOf(path: string, value: unknown, at: string): URL {
  const url = typeof value === "string" && URL.canParse(value) ? new URL(value) : undefined;
  if (url && /^(?:https?|file):$/.test(url.protocol)) return url;
  throw bad(path, `${at}.lookaside must be an address that begins with https:, http: or file:`);
}

function recordOf(path: string, value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (isRecord(value)) return value;
  throw bad(path, `${at} must be a mapping`);
}

function bad(path: string, why: string): GalleyError {
  const message = `invalid signature stores in ${JSON.stringify(path)}: ${why}`;
  return galleyError("invalid", "trust.bad-registries-d", message, { details: { path } });
}
