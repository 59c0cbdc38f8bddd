import { galleyError } from "@galley/spec";

/** What credentials can be for. */
export interface CredentialKey {
  /** The registry: `localhost:5000`. */
  readonly domain: string;
  /** The rest, a namespace or repository; empty for all of the registry. */
  readonly repository: string;
  readonly namespaced: boolean;
}

/**
 * Reads a key of an auth file: a registry, or a namespace or repository of one without tag and digest. Throws `invalid`.
 *
 * @example
 * checkCredentialKey("quay.io/team").domain; // "quay.io"
 */
export function checkCredentialKey(key: string): CredentialKey {
  const slash = key.indexOf("/");
  const domain = slash < 0 ? key : key.slice(0, slash);
  const repository = slash < 0 ? "" : key.slice(slash + 1);
  const good = isDomain(domain) && (slash < 0 || /^[a-z0-9]+([._/-]+[a-z0-9]+)*$/.test(repository));
  if (good) return { domain, repository, namespaced: slash >= 0 };
  const message = `${JSON.stringify(key.slice(0, 300))} is neither a registry nor a part of one`;
  throw galleyError("invalid", "registry.bad-credential-key", message);
}

function isDomain(text: string): boolean {
  return text.length <= 260 && /^([A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$/.test(text);
}
