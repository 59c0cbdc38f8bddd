import type { GalleyError } from "@galley/spec";
import { isProtocolError, isRefused } from "./connection-error.ts";
import type { Http } from "./http.ts";
import type { RegistryOptions } from "./options.ts";
import { mayBePlain } from "./trust.ts";

/** Hosts that serve a domain which has another name. */
const hosts: Readonly<Record<string, string>> = { "docker.io": "registry-1.docker.io" };

/**
 * Where a registry is. HTTPS, unless plain HTTP may be used and HTTPS does not answer: that is found out by asking once.
 */
export async function findOrigin(
  http: Http,
  domain: string,
  { options, signal }: { readonly options: RegistryOptions; readonly signal?: AbortSignal | undefined },
): Promise<URL> {
  const host = Object.hasOwn(hosts, domain) ? hosts[domain] : domain;
  const secure = new URL(`https://${host}`);
  if (!mayBePlain(secure.hostname, options)) return secure;
  const plain = new URL(`http://${host}`);
  if (options.plainHttp === "always") return plain;
  try {
    const url = new URL("/v2/", secure);
    await (await http.exchange({ method: "GET", url, ...(signal && { signal }) })).drop();
    return secure;
  } catch (error) {
    if (speaksPlain(error as GalleyError, secure)) return plain;
    throw error;
  }
}

function speaksPlain(error: GalleyError, secure: URL): boolean {
  // With a port in the name both schemes mean the same door; nobody there for one is nobody there for the other.
  return isProtocolError(error) || (isRefused(error) && secure.port === "");
}
