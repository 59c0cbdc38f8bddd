import { type Challenge, parseChallenges } from "./challenge.ts";
import type { Http, HttpRequest, Reply } from "./http.ts";
import type { Credentials, RegistryOptions } from "./options.ts";
import { followRedirects } from "./redirects.ts";
import { basic, fetchToken, type Token } from "./token-service.ts";

/** Sends a request with what the registry wants to see; what that is, it learns from the first refusal. */
export type AuthorizedSend = (request: HttpRequest, scopes: readonly string[]) => Promise<Reply>;

interface Authorizer {
  readonly http: Http;
  readonly options: RegistryOptions;
  readonly credentials: () => Promise<Credentials | undefined>;
  /** By scope. A promise, so that requests that start together ask once. */
  readonly tokens: Map<string, Promise<Token>>;
  /** A header for all scopes, once the registry has asked for Basic. */
  basicHeader?: string;
}

interface AuthorizerOptions {
  readonly http: Http;
  readonly options: RegistryOptions;
  readonly domain: string;
  readonly repository: string;
}

/** Keeps tokens in memory, for one repository of a registry. */
export function createAuthorizer({ http, options, domain, repository }: AuthorizerOptions): AuthorizedSend {
  let found: Promise<Credentials | undefined> | undefined;
  const credentials = (): Promise<Credentials | undefined> => {
    found ??= options.credentials?.(domain, repository) ?? Promise.resolve(undefined);
    return found;
  };
  const authorizer: Authorizer = { http, options, credentials, tokens: new Map() };
  return (request, scopes) => sendAuthorized(authorizer, request, scopes);
}

async function sendAuthorized(authorizer: Authorizer, request: HttpRequest, scopes: readonly string[]): Promise<Reply> {
  const used = await knownHeader(authorizer, scopes);
  const reply = await send(authorizer, request, used);
  // Only the registry's own refusal counts: elsewhere its credentials are nobody's business.
  if (reply.status !== 401 || reply.url.origin !== request.url.origin || !isRepeatable(request)) return reply;
  const better = await betterHeader(authorizer, { reply, scopes, used, signal: request.signal });
  if (better === undefined || better === used) return reply;
  await reply.drop();
  return send(authorizer, request, better);
}

async function send({ http, options }: Authorizer, request: HttpRequest, header: string | undefined): Promise<Reply> {
  const authorization = header === undefined ? undefined : { authorization: header };
  const all = { ...request, headers: { ...request.headers, ...authorization } };
  return followRedirects(http, all, options);
}

function isRepeatable({ body }: HttpRequest): boolean {
  return body === undefined || typeof body === "string" || body instanceof Uint8Array;
}

async function knownHeader(authorizer: Authorizer, scopes: readonly string[]): Promise<string | undefined> {
  if (authorizer.basicHeader !== undefined) return authorizer.basicHeader;
  // Whoever asked for the token is told why there is none; this request then gets its own refusal.
  const token = await authorizer.tokens.get(scopes.join(" "))?.catch(() => undefined);
  return token && token.expiresMs > performance.now() ? `Bearer ${token.value}` : undefined;
}

interface Refused {
  readonly reply: Reply;
  readonly scopes: readonly string[];
  readonly used: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** What to send instead of what was refused; undefined or the same when there is nothing better. */
async function betterHeader(authorizer: Authorizer, refused: Refused): Promise<string | undefined> {
  // Another request may have been refused, and have learned better, in the meantime.
  const known = await knownHeader(authorizer, refused.scopes);
  if (known !== undefined && known !== refused.used) return known;
  const challenges = parseChallenges(refused.reply.header("www-authenticate"));
  const bearer = challenges.find(({ scheme }) => scheme === "bearer");
  if (bearer) return `Bearer ${(await freshToken(authorizer, bearer, refused)).value}`;
  const credentials = await authorizer.credentials();
  if (!credentials || !challenges.some(({ scheme }) => scheme === "basic")) return undefined;
  authorizer.basicHeader = basic(credentials);
  return authorizer.basicHeader;
}

async function freshToken(authorizer: Authorizer, challenge: Challenge, refused: Refused): Promise<Token> {
  const { http, options, tokens } = authorizer;
  const { scopes, reply, signal } = refused;
  const asked = challenge.parameters.get("scope");
  const all = [...new Set([...scopes, ...(asked ? [asked] : [])])];
  const token = authorizer
    .credentials()
    .then((credentials) =>
      fetchToken(http, { challenge, scopes: all, registry: reply.url, credentials, signal }, options),
    );
  tokens.set(scopes.join(" "), token);
  return token;
}
