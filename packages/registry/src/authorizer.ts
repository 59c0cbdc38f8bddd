import { type Challenge, parseChallenges } from "./challenge.ts";
import { type Http, type HttpRequest, isRepeatable, type Reply } from "./http.ts";
import type { Credentials, RegistryOptions } from "./options.ts";
import { followRedirects } from "./redirects.ts";
import { mergeScopes } from "./scopes.ts";
import { createTokenCache, type TokenCache } from "./token-cache.ts";
import { basic, fetchToken, type Token } from "./token-service.ts";

/** Sends a request with what the registry wants to see; what that is, it learns from the first refusal. */
export type AuthorizedSend = (request: HttpRequest, scopes: readonly string[]) => Promise<Reply>;

interface Authorizer {
  readonly http: Http;
  readonly options: RegistryOptions;
  readonly credentials: () => Promise<Credentials | undefined>;
  readonly tokens: TokenCache;
  /** A header for all scopes, once the registry has asked for Basic. */
  basicHeader?: string | undefined;
  /** The token service, once the registry has named it: tokens are then fetched without being refused first. */
  service?: Service;
}

interface Service {
  readonly challenge: Challenge;
  /** Where the challenge came from. */
  readonly registry: URL;
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
  const authorizer: Authorizer = { http, options, credentials, tokens: createTokenCache() };
  return (request, scopes) => sendAuthorized(authorizer, request, scopes);
}

/** At most two requests to the registry and two to its token service, whatever they answer. */
async function sendAuthorized(authorizer: Authorizer, request: HttpRequest, scopes: readonly string[]): Promise<Reply> {
  const ask = { scopes, signal: request.signal };
  const used = (await knownHeader(authorizer, scopes)) ?? (await expectedHeader(authorizer, ask));
  const reply = await send(authorizer, request, used);
  // Only the registry's own refusal counts: elsewhere its credentials are nobody's business.
  if (reply.status !== 401 || reply.url.origin !== request.url.origin) return reply;
  const better = await betterHeader(authorizer, { ...ask, reply, used });
  if (better === undefined || better === used) return reply;
  if (!isRepeatable(request)) return { ...reply, renewed: true };
  await reply.drop();
  const last = await send(authorizer, request, better);
  if (last.status === 401) forget(authorizer, better);
  return last;
}

async function send({ http, options }: Authorizer, request: HttpRequest, header: string | undefined): Promise<Reply> {
  const authorization = header === undefined ? undefined : { authorization: header };
  const all = { ...request, headers: { ...request.headers, ...authorization } };
  return followRedirects(http, all, options);
}

async function knownHeader(
  { basicHeader, tokens }: Authorizer,
  scopes: readonly string[],
): Promise<string | undefined> {
  if (basicHeader !== undefined) return basicHeader;
  // Whoever asked for the token is told why there is none; this request then gets its own refusal.
  const token = await tokens.find(scopes)?.catch(() => undefined);
  return token && bearer(token);
}

interface Ask {
  readonly scopes: readonly string[];
  readonly signal: AbortSignal | undefined;
}

async function expectedHeader(authorizer: Authorizer, ask: Ask): Promise<string | undefined> {
  const { service } = authorizer;
  return service && bearer(await freshToken(authorizer, service, ask));
}

interface Refused extends Ask {
  readonly reply: Reply;
  readonly used: string | undefined;
}

/** What to send instead of what was refused; undefined or the same when there is nothing better. */
async function betterHeader(
  authorizer: Authorizer,
  { reply, used, scopes, signal }: Refused,
): Promise<string | undefined> {
  forget(authorizer, used);
  // Another request may have been refused, and have learned better, in the meantime.
  const known = await knownHeader(authorizer, scopes);
  if (known !== undefined && known !== used) return known;
  const challenges = parseChallenges(reply.header("www-authenticate"));
  const challenge = challenges.find(({ scheme }) => scheme === "bearer");
  if (challenge) {
    const asked = challenge.parameters.get("scope");
    const ask = { scopes: [...scopes, ...(asked ? [asked] : [])], signal };
    authorizer.service = { challenge, registry: reply.url };
    return bearer(await freshToken(authorizer, authorizer.service, ask));
  }
  if (!challenges.some(({ scheme }) => scheme === "basic")) return undefined;
  authorizer.basicHeader = basicHeaderOf(await authorizer.credentials());
  return authorizer.basicHeader;
}

/** An identity token alone is nothing for a registry that wants a name and a password. */
function basicHeaderOf(credentials: Credentials | undefined): string | undefined {
  const usable = credentials && (credentials.username !== "" || credentials.password !== "");
  return usable ? basic(credentials) : undefined;
}

function freshToken(authorizer: Authorizer, { challenge, registry }: Service, ask: Ask): Promise<Token> {
  const { http, options, tokens } = authorizer;
  const scopes = mergeScopes(ask.scopes);
  const token = authorizer
    .credentials()
    .then((credentials) => fetchToken(http, { ...ask, challenge, scopes, registry, credentials }, options));
  tokens.keep(scopes, token);
  return token;
}

function forget({ tokens }: Authorizer, header: string | undefined): void {
  if (header?.startsWith("Bearer ")) tokens.drop(header.slice("Bearer ".length));
}

function bearer({ value }: Token): string {
  return `Bearer ${value}`;
}
