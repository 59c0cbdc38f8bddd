import { isGalleyError } from "@galley/spec";
import { isProtocolError, isRefused } from "./connection-error.ts";
import type { Http } from "./http.ts";
import type { RegistryOptions } from "./options.ts";
import { isLoopback, mayBePlain } from "./trust.ts";

/** Hosts that serve a domain which has another name. */
const hosts: Readonly<Record<string, string | undefined>> = { "docker.io": "registry-1.docker.io" };

/** The host, and port, that answers for a domain. */
export function hostOf(domain: string): string {
  return (Object.hasOwn(hosts, domain) && hosts[domain]) || domain;
}

interface FindOptions {
  readonly options: RegistryOptions;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Where a registry is. HTTPS, unless plain HTTP may be used: then it is found out by asking. Elsewhere HTTPS is
 * asked first. A port on this machine is asked in plain HTTP first, since nobody can listen in on the way, and
 * since it is the usual case and a failed TLS handshake costs more than the whole exchange.
 */
export async function findOrigin(http: Http, domain: string, { options, signal }: FindOptions): Promise<URL> {
  const host = hostOf(domain);
  const secure = new URL(`https://${host}`);
  if (!mayBePlain(secure.hostname, options)) return secure;
  const plain = new URL(`http://${host}`);
  if (options.plainHttp === "always") return plain;
  return firstThatAnswers(http, inOrder(secure, plain), signal);
}

/** With a port in the name both schemes mean the same door; without one they are two, and HTTPS is the better. */
function inOrder(secure: URL, plain: URL): readonly [URL, URL] {
  return isLoopback(secure.hostname) && secure.port !== "" ? [plain, secure] : [secure, plain];
}

async function firstThatAnswers(
  http: Http,
  [first, second]: readonly [URL, URL],
  signal: AbortSignal | undefined,
): Promise<URL> {
  try {
    if (await answers(http, first, signal)) return first;
  } catch (error) {
    const otherDoor = first.port === "" && isGalleyError(error) && isRefused(error);
    if (!(isGalleyError(error) && isProtocolError(error)) && !otherDoor) throw error;
    // Whoever cannot be reached in either way is blamed for the first one, unless that was only a guess.
    if (first.protocol === "https:") return second;
  }
  return (await answers(http, second, signal)) ? second : first;
}

/** Servers of HTTPS answer a plain request with status 400, if at all. */
async function answers(http: Http, url: URL, signal: AbortSignal | undefined): Promise<boolean> {
  const reply = await http.exchange({ method: "GET", url: new URL("/v2/", url), ...(signal && { signal }) });
  await reply.drop();
  return reply.status !== 400 || url.protocol === "https:";
}
