import { type GalleyError, galleyError } from "@galley/spec";
import type { Http, HttpRequest, Reply } from "./http.ts";
import { maxRedirects } from "./limits.ts";
import type { RegistryOptions } from "./options.ts";
import { printable } from "./registry-error.ts";
import { mayBePlain } from "./trust.ts";

const redirectStatuses = new Set([301, 302, 303, 307, 308]);

/**
 * Sends a request. A GET or HEAD follows redirects, a bounded number; nothing else does, since a body is for one place.
 * Credentials stay with the origin they are for: another host, port or scheme never sees them. A redirect from HTTPS
 * to plain HTTP is refused.
 */
export async function followRedirects(http: Http, request: HttpRequest, options: RegistryOptions): Promise<Reply> {
  if (request.method !== "GET" && request.method !== "HEAD") return http.exchange(request);
  let current = request;
  for (let followed = 0; followed <= maxRedirects; followed++) {
    const reply = await http.exchange(current);
    const location = reply.header("location");
    if (!redirectStatuses.has(reply.status) || location === undefined) return reply;
    await reply.drop();
    current = redirected(current, safeTarget(current.url, location, options));
  }
  throw refused(request.url, `more than ${maxRedirects} redirects`);
}

/** Where a Location header leads, if it is safe to go there from here. */
export function safeTarget(from: URL, location: string, options: RegistryOptions): URL {
  const target = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (target?.protocol === "https:") return target;
  if (target?.protocol !== "http:") throw refused(from, `a redirect to ${JSON.stringify(printable(location))}`);
  if (from.protocol === "https:") throw refused(from, `a redirect from HTTPS to plain HTTP at ${target.host}`);
  if (!mayBePlain(target.hostname, options)) throw refused(from, `a redirect to plain HTTP at ${target.host}`);
  return target;
}

/** The same request to another place, without what is only for the first one's eyes. */
export function redirected(request: HttpRequest, url: URL): HttpRequest {
  if (url.origin === request.url.origin) return { ...request, url };
  const { authorization: _, ...headers } = request.headers ?? {};
  return { ...request, url, headers };
}

function refused(url: URL, what: string): GalleyError {
  const message = `registry ${url.host} answered with ${what}, which is refused`;
  return galleyError("unavailable", "registry.bad-redirect", message, { details: { host: url.host } });
}
