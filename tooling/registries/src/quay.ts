import { bearerGuard, scopesAsked, scopesGranted } from "./bearer-guard.ts";
import { errors, type FakeRegistry, type FakeRegistryOptions, startFakeRegistry } from "./fake-registry.ts";
import { type Answer, readBasic, type SeenRequest } from "./origin.ts";
import { createTokenIssuer, type TokenIssuer } from "./token-issuer.ts";

export interface Quay extends FakeRegistry {
  readonly tokens: TokenIssuer;
}

/**
 * Like Quay: tokens from the registry's own host, robot accounts (`team+robot`), which see their team alone, errors in
 * words of its own, blobs on another host, and the search of the first protocol.
 */
export async function startQuay(options: FakeRegistryOptions = {}): Promise<Quay> {
  const tokens = createTokenIssuer();
  const quay = await startFakeRegistry({
    blobRedirect: 302,
    answer(request, access, { url, address }) {
      if (request.url.startsWith("/v2/auth")) return giveToken(request, { ...options, tokens });
      if (request.url.startsWith("/v1/search")) return search(request, quay);
      const message = "access to the requested resource is not authorized";
      return bearerGuard(request, access, { issuer: tokens, realm: `${url}/v2/auth`, service: address, message });
    },
  });
  return { ...quay, tokens };
}

interface TokenMeans extends FakeRegistryOptions {
  readonly tokens: TokenIssuer;
}

function giveToken(request: SeenRequest, { accounts = {}, privateRepositories, tokens }: TokenMeans): Answer {
  const basic = readBasic(request);
  if (basic && accounts[basic.user] !== basic.password) {
    const robot = basic.user.includes("+");
    const message = robot ? `Could not find robot with username: ${basic.user}` : "Invalid Username or Password";
    return { status: 401, body: errors("UNAUTHORIZED", message, {}) };
  }
  const granted = scopesGranted(scopesAsked(request), { user: basic?.user, privateRepositories });
  const [team, robot] = basic?.user.split("+") ?? [];
  const seen = robot === undefined ? granted : granted.filter((scope) => scope.startsWith(`repository:${team}/`));
  return { status: 200, body: { token: tokens.issue(seen) } };
}

async function search({ url }: SeenRequest, { store }: FakeRegistry): Promise<Answer> {
  const text = new URL(url, "http://quay").searchParams.get("q") ?? "";
  const names = ((await store.repositories?.()) ?? []).filter((name) => name.includes(text)).sort();
  const results = names.map((name) => ({
    name,
    description: `About ${name}`,
    is_public: true,
    href: `/repository/${name}`,
  }));
  return {
    status: 200,
    body: { num_results: names.length, query: text, results, page: 1, num_pages: 1, page_size: 25 },
  };
}
