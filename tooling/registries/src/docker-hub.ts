import { bearerGuard, scopesAsked, scopesGranted } from "./bearer-guard.ts";
import { errors, type FakeRegistry, type FakeRegistryOptions, startFakeRegistry } from "./fake-registry.ts";
import { type Answer, type Origin, readBasic, type SeenRequest, startOrigin } from "./origin.ts";
import { createTokenIssuer, type TokenIssuer } from "./token-issuer.ts";

export interface DockerHub extends FakeRegistry {
  /** On a host of its own. */
  readonly tokenService: Origin;
  readonly tokens: TokenIssuer;
}

export interface DockerHubOptions extends FakeRegistryOptions {
  /** Manifests that may be fetched in six hours without an account. */
  readonly anonymousPulls?: number;
  /** Refresh tokens by user, as they are exchanged by OAuth 2. */
  readonly identityTokens?: Readonly<Record<string, string>>;
}

/**
 * Like Docker Hub: tokens from another host, all reading with a token too, limits on anonymous pulls told by headers and
 * a 429, blobs on a third host, official images below `library/`, and the search of the first protocol.
 */
export async function startDockerHub(options: DockerHubOptions = {}): Promise<DockerHub> {
  const tokens = createTokenIssuer();
  const anonymous = new Set<string>();
  const limit = options.anonymousPulls ?? 100;
  let left = limit;
  const tokenService = await startOrigin((request) => giveToken(request, { ...options, tokens, anonymous }));
  const limited = ({ headers }: SeenRequest): boolean =>
    anonymous.has((headers.authorization ?? "").slice("Bearer ".length));
  const hub = await startFakeRegistry({
    blobRedirect: 307,
    others: [tokenService],
    answer(request, access) {
      if (request.url.startsWith("/v1/search")) return search(request, hub);
      const guard = { issuer: tokens, realm: `${tokenService.url}/token`, service: "registry.docker.io" };
      const refusal = bearerGuard(request, access, guard);
      if (refusal) return refusal;
      if (access.kind !== "manifest" || request.method !== "GET" || !limited(request)) return undefined;
      if (left > 0) left--;
      else return { status: 429, body: errors("TOOMANYREQUESTS", "You have reached your pull rate limit.") };
      return undefined;
    },
    headers(request, { kind }) {
      if (kind !== "manifest" || !limited(request)) return {};
      return {
        "ratelimit-limit": `${limit};w=21600`,
        "ratelimit-remaining": `${left};w=21600`,
        "docker-ratelimit-source": "127.0.0.1",
      };
    },
  });
  return { ...hub, tokenService, tokens };
}

interface TokenMeans extends DockerHubOptions {
  readonly tokens: TokenIssuer;
  readonly anonymous: Set<string>;
}

function giveToken(
  request: SeenRequest,
  { accounts = {}, identityTokens = {}, tokens, anonymous, ...more }: TokenMeans,
): Answer {
  const form = new URLSearchParams(request.body);
  const basic = readBasic(request);
  const refresh = form.get("refresh_token");
  const user = basic?.user ?? Object.keys(identityTokens).find((each) => identityTokens[each] === refresh);
  const wrong = basic ? accounts[basic.user] !== basic.password : request.method === "POST" && user === undefined;
  if (wrong) return { status: 401, body: { details: "incorrect username or password" } };
  const token = tokens.issue(
    scopesGranted(scopesAsked(request), { user, privateRepositories: more.privateRepositories }),
  );
  if (user === undefined) anonymous.add(token);
  return { status: 200, body: { token, access_token: token, expires_in: 300, issued_at: new Date().toISOString() } };
}

async function search({ url }: SeenRequest, { store }: FakeRegistry): Promise<Answer> {
  const query = new URL(url, "http://hub").searchParams;
  const text = query.get("q") ?? "";
  const size = Math.min(Number(query.get("n") ?? 25), 100);
  const names = ((await store.repositories?.()) ?? [])
    .filter((name) => name.includes(text.replace(/^library\//, "")))
    .sort();
  const results = names.slice(0, size).map((name) => ({
    name: name.replace(/^library\//, ""),
    description: `About ${name}`,
    star_count: 7,
    is_official: name.startsWith("library/"),
    is_automated: false,
  }));
  const pages = { page: 1, page_size: size, num_pages: Math.ceil(names.length / size) };
  return { status: 200, body: { ...pages, num_results: names.length, query: text, results } };
}
