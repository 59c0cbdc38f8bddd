import { type GalleyError, galleyError } from "@galley/spec";
import type { Challenge } from "./challenge.ts";
import type { Http, HttpRequest, Reply } from "./http.ts";
import { maxErrorBodyBytes, maxTokenBodyBytes, minTokenLifeMs } from "./limits.ts";
import type { Credentials, RegistryOptions } from "./options.ts";
import { followRedirects } from "./redirects.ts";
import { registryError } from "./registry-error.ts";
import { parseRetryAfter } from "./retry.ts";
import { mayBePlain } from "./trust.ts";

/** A bearer token and when to stop using it, on the monotonic clock. */
export interface Token {
  readonly value: string;
  readonly expiresMs: number;
}

export interface TokenRequest {
  readonly challenge: Challenge;
  readonly scopes: readonly string[];
  /** Where the challenge came from. */
  readonly registry: URL;
  readonly credentials?: Credentials | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Asks the token service of a Bearer challenge (the registries' token authentication protocol). */
export async function fetchToken(http: Http, ask: TokenRequest, options: RegistryOptions): Promise<Token> {
  const realm = realmOf(ask, options);
  const doing = `get a token for ${ask.registry.host} from ${realm.host}`;
  const reply = await followRedirects(http, requestOf(realm, ask), options);
  if (reply.status !== 200) throw await tokenError(doing, reply);
  const { parseTokenResponse } = await import("@galley/spec/schemas");
  const answer = parseTokenResponse(await reply.bytes(maxTokenBodyBytes));
  const lifeMs = Math.max(minTokenLifeMs, (answer.expires_in ?? 0) * 1000);
  // A tenth less: the request that carries it also takes time.
  return { value: answer.token ?? answer.access_token ?? "", expiresMs: performance.now() + lifeMs * 0.9 };
}

function realmOf({ challenge, registry }: TokenRequest, options: RegistryOptions): URL {
  const text = challenge.parameters.get("realm") ?? "";
  const realm = URL.canParse(text) ? new URL(text) : undefined;
  const plain = registry.protocol === "http:" && realm?.protocol === "http:" && mayBePlain(realm.hostname, options);
  if (realm && (realm.protocol === "https:" || plain)) return realm;
  const message = `registry ${registry.host} names a token service that is refused: ${JSON.stringify(text.slice(0, 200))}`;
  throw galleyError("unauthorized", "registry.bad-realm", message);
}

function requestOf(realm: URL, { challenge, scopes, credentials, signal }: TokenRequest): HttpRequest {
  const service = challenge.parameters.get("service");
  const query: [string, string][] = scopes.map((scope) => ["scope", scope]);
  if (service !== undefined) query.push(["service", service]);
  const common = signal ? { signal } : {};
  if (credentials?.identityToken !== undefined) {
    return { ...common, ...refreshRequest(realm, scopes, { service, refreshToken: credentials.identityToken }) };
  }
  const url = new URL(realm);
  for (const [name, value] of query) url.searchParams.append(name, value);
  return { ...common, method: "GET", url, headers: credentials ? { authorization: basic(credentials) } : {} };
}

/** An identity token is exchanged as OAuth 2 refresh token. */
function refreshRequest(
  url: URL,
  scopes: readonly string[],
  { service = "", refreshToken }: { readonly service?: string | undefined; readonly refreshToken: string },
): HttpRequest {
  const form = { grant_type: "refresh_token", client_id: "galley", service, scope: scopes.join(" ") };
  const body = new URLSearchParams({ ...form, refresh_token: refreshToken });
  return {
    method: "POST",
    url,
    body: body.toString(),
    headers: { "content-type": "application/x-www-form-urlencoded" },
  };
}

/**
 * A Basic authorization header (RFC 7617).
 *
 * @example
 * basic({ username: "me", password: "secret" }); // "Basic bWU6c2VjcmV0"
 */
export function basic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

async function tokenError(doing: string, reply: Reply): Promise<GalleyError> {
  const body = await reply.bytes(maxErrorBodyBytes).catch(() => new Uint8Array());
  const retryAfterMs = parseRetryAfter(reply.header("retry-after"));
  // A token service says 400 or 403 for a wrong password, too.
  const status = reply.status === 400 ? 401 : reply.status;
  return registryError(doing, { status, body, ...(retryAfterMs !== undefined && { retryAfterMs }) });
}
