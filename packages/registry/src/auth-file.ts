import { type GalleyError, galleyError } from "@galley/spec";
import { maxAuthFileBytes } from "./limits.ts";

/** One registry's entry as it is in the file. */
export interface AuthEntry {
  /** `name:password` in base64. */
  readonly auth?: string;
  readonly identitytoken?: string;
}

/** What an auth file says, its keys as they are written. */
export interface AuthFile {
  /** By registry, namespace or repository; without the empty entries, which say that a credential helper knows. */
  readonly entries: ReadonlyMap<string, AuthEntry>;
  /** The end of a credential helper's name by registry. */
  readonly helpers: ReadonlyMap<string, string>;
  /** The end of the name of the credential helper for all other registries. */
  readonly store?: string;
}

/** A JSON object that nobody has looked into yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Docker's name for its own registry, in files and towards credential helpers. */
export const dockerHubKey = "https://index.docker.io/v1/";

/** Reads an auth file (containers-auth.json(5)); a `.dockercfg` is the table of entries alone. Throws `invalid`. */
export function parseAuthFile(path: string, text: string): AuthFile {
  const whole = parseAuthDocument(path, text);
  const document = path.endsWith("/.dockercfg") ? { auths: asAddresses(whole) } : whole;
  const store = document["credsStore"];
  return {
    entries: new Map(membersOf(document["auths"]).flatMap(([key, value]) => entryOf(key, value))),
    helpers: new Map(membersOf(document["credHelpers"]).flatMap(([key, value]) => nameOf(key, value))),
    ...(typeof store === "string" && store !== "" && { store }),
  };
}

/** The file as the JSON object that it must be; of another shape it says nothing. Throws `invalid`. */
export function parseAuthDocument(path: string, text: string): JsonObject {
  if (text.length > maxAuthFileBytes) throw badAuthFile(path, "too large");
  try {
    const document: unknown = JSON.parse(text);
    return isObject(document) ? document : {};
  } catch {
    // Without the cause: its message repeats a piece of the file.
    throw badAuthFile(path, "not JSON");
  }
}

/** The entry nearest to the repository: its own, that of what encloses it, the registry's. */
export function findEntry(file: AuthFile, domain: string, repository: string): AuthEntry | undefined {
  const parts = [domain, ...repository.split("/").filter((part) => part !== "")];
  for (let length = parts.length; length > 0; length--) {
    const entry = file.entries.get(parts.slice(0, length).join("/"));
    if (entry) return entry;
  }
  return [...file.entries].find(([key]) => isKeyOfDomain(key, domain))?.[1];
}

/** The credential helper for a registry, and what the helper knows it as. */
export function findHelper(file: AuthFile, domain: string): { name: string; server: string } | undefined {
  const own = file.helpers.get(domain);
  if (own !== undefined) return { name: own, server: domain };
  const [server, name] = [...file.helpers].find(([key]) => isKeyOfDomain(key, domain)) ?? [];
  return server !== undefined && name !== undefined ? { name, server } : undefined;
}

/** What a credential store of Docker knows a registry as. */
export function storeKey(domain: string): string {
  return domain === "docker.io" ? dockerHubKey : domain;
}

/** Whether a key means a whole registry, be it as Docker once wrote it: an address, of which only the host counts. */
export function isKeyOfDomain(key: string, domain: string): boolean {
  const bare = key.replace(/^https?:\/\//, "");
  return oneName(bare === key ? key : (bare.split("/", 1)[0] ?? "")) === oneName(domain);
}

/** The error for a file that cannot be used; never says what is in it. */
export function badAuthFile(path: string, why: string): GalleyError {
  return galleyError("invalid", "registry.bad-auth-file", `read ${path}: ${why}`, { details: { path } });
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** In Docker's oldest format every key is an address, said or not. */
function asAddresses(auths: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(auths).map(([key, value]) => [key.replace(/^(?!https?:\/\/)/, "https://"), value]),
  );
}

function oneName(host: string): string {
  return host === "index.docker.io" || host === "registry-1.docker.io" ? "docker.io" : host;
}

function membersOf(value: unknown): [string, unknown][] {
  return isObject(value) ? Object.entries(value) : [];
}

function entryOf(key: string, value: unknown): [string, AuthEntry][] {
  if (!isObject(value)) return [];
  const { auth, identitytoken } = value;
  const entry = {
    ...(typeof auth === "string" && auth !== "" && { auth }),
    ...(typeof identitytoken === "string" && identitytoken !== "" && { identitytoken }),
  };
  return Object.keys(entry).length === 0 ? [] : [[key, entry]];
}

function nameOf(key: string, value: unknown): [string, string][] {
  return typeof value === "string" && value !== "" ? [[key, value]] : [];
}
