import { bearerGuard, scopesAsked, scopesGranted } from "./bearer-guard.ts";
import { bearerOf, errors, type FakeRegistry, type FakeRegistryOptions, startFakeRegistry } from "./fake-registry.ts";
import { type Answer, readBasic, type SeenRequest } from "./origin.ts";
import { createTokenIssuer, type TokenIssuer } from "./token-issuer.ts";

export interface Ghcr extends FakeRegistry {
  readonly tokens: TokenIssuer;
}

/**
 * Like GitHub's registry: tokens from the registry's own host by GET alone, 403 for a password that is wrong and 401 for
 * none where one is needed, 403 with words about permissions for a token that allows too little; its front page names a
 * scope of an example.
 */
export async function startGhcr(options: FakeRegistryOptions = {}): Promise<Ghcr> {
  const tokens = createTokenIssuer();
  const registry = await startFakeRegistry({
    blobRedirect: 307,
    answer(request, access, { url, address }) {
      if (request.url.startsWith("/token")) return giveToken(request, { ...options, tokens });
      const token = bearerOf(request);
      if (token !== undefined && tokens.check(token, access) === "insufficient_scope") {
        const message = "permission_denied: The token provided does not match expected scopes.";
        return { status: 403, body: errors("DENIED", message) };
      }
      const asked = access.kind === "base" ? { ...access, scope: "repository:user/image:pull" } : access;
      const wrong = access.kind === "base" && token !== undefined ? tokens.check(token, access) : "none";
      if (wrong === undefined) return undefined;
      return bearerGuard(request, asked, { issuer: tokens, realm: `${url}/token`, service: address });
    },
  });
  return { ...registry, tokens };
}

interface TokenMeans extends FakeRegistryOptions {
  readonly tokens: TokenIssuer;
}

function giveToken(request: SeenRequest, { accounts = {}, privateRepositories, tokens }: TokenMeans): Answer {
  if (request.method !== "GET") return { status: 405, body: errors("UNSUPPORTED", "The operation is unsupported.") };
  const basic = readBasic(request);
  if (basic && accounts[basic.user] !== basic.password) return { status: 403, body: errors("DENIED", "denied") };
  const asked = scopesAsked(request);
  const granted = scopesGranted(asked, { user: basic?.user, privateRepositories });
  // Without an account it does not give less than what was asked for, it gives nothing.
  if (asked.length > 0 && granted.length === 0) {
    return { status: 401, body: errors("UNAUTHORIZED", "authentication required") };
  }
  return { status: 200, body: { token: tokens.issue(granted) } };
}
