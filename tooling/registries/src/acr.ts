import { bearerGuard, scopesAsked } from "./bearer-guard.ts";
import { errors, type FakeRegistry, startFakeRegistry } from "./fake-registry.ts";
import { type Answer, readBasic, type SeenRequest } from "./origin.ts";
import { createTokenIssuer, type TokenIssuer } from "./token-issuer.ts";

export interface Acr extends FakeRegistry {
  readonly tokens: TokenIssuer;
}

export interface AcrOptions {
  /** Of the cloud's own directory, to be exchanged. */
  readonly directoryTokens?: readonly string[];
  /** Stand for a user; some are given by the exchange. */
  readonly refreshTokens?: readonly string[];
}

/** The user name that goes with a refresh token. */
export const acrUser = "00000000-0000-0000-0000-000000000000";

/**
 * Like Azure's registry: `oauth2/exchange` gives a refresh token for a token of the directory, `oauth2/token` an access
 * token for that, by POST or, with a user name of zeros, by GET and Basic. Answers have `access_token` alone.
 */
export async function startAcr(options: AcrOptions = {}): Promise<Acr> {
  const tokens = createTokenIssuer();
  const refreshTokens = new Set(options.refreshTokens ?? []);
  const registry = await startFakeRegistry({
    blobRedirect: 307,
    answer(request, access, { url, address }) {
      if (request.url.startsWith("/oauth2/exchange")) return exchange(request, options, refreshTokens);
      if (request.url.startsWith("/oauth2/token")) return giveToken(request, tokens, refreshTokens);
      return bearerGuard(request, access, { issuer: tokens, realm: `${url}/oauth2/token`, service: address });
    },
  });
  return { ...registry, tokens };
}

const refused: Answer = {
  status: 401,
  body: errors("UNAUTHORIZED", "authentication required, visit the documentation"),
};

function exchange({ body }: SeenRequest, options: AcrOptions, refreshTokens: Set<string>): Answer {
  const form = new URLSearchParams(body);
  const directoryToken = form.get("access_token") ?? "";
  if (form.get("grant_type") !== "access_token" || !options.directoryTokens?.includes(directoryToken)) return refused;
  const refreshToken = `refresh-for-${directoryToken}`;
  refreshTokens.add(refreshToken);
  return { status: 200, body: { refresh_token: refreshToken } };
}

function giveToken(request: SeenRequest, tokens: TokenIssuer, refreshTokens: ReadonlySet<string>): Answer {
  const form = new URLSearchParams(request.body);
  const basic = readBasic(request);
  const given =
    request.method === "POST" ? form.get("refresh_token") : basic?.user === acrUser ? basic.password : undefined;
  if (request.method === "POST" && form.get("grant_type") !== "refresh_token") return { ...refused, status: 400 };
  if (!refreshTokens.has(given ?? "")) return refused;
  return { status: 200, body: { access_token: tokens.issue(scopesAsked(request)) } };
}
