import { bearerGuard, scopesAsked, scopesGranted } from "./bearer-guard.ts";
import { errors, type FakeRegistry, type FakeRegistryOptions, startFakeRegistry } from "./fake-registry.ts";
import { readBasic } from "./origin.ts";
import { createTokenIssuer, type TokenIssuer } from "./token-issuer.ts";

export interface Gcr extends FakeRegistry {
  readonly tokens: TokenIssuer;
}

/**
 * Like Google's registries: tokens from the registry's own host, for the users `_json_key` (whose password is a JSON
 * document), `_json_key_base64` and `oauth2accesstoken`; tag lists that say more than the specification has.
 */
export async function startGcr({ accounts = {}, privateRepositories }: FakeRegistryOptions = {}): Promise<Gcr> {
  const tokens = createTokenIssuer();
  const registry = await startFakeRegistry({
    blobRedirect: 302,
    async answer(request, access, { url, address }) {
      if (request.url.startsWith("/v2/token")) {
        const basic = readBasic(request);
        if (basic && accounts[basic.user] !== basic.password) {
          return { status: 401, body: errors("UNAUTHORIZED", "Invalid token or key") };
        }
        const granted = scopesGranted(scopesAsked(request), { user: basic?.user, privateRepositories });
        return { status: 200, body: { expires_in: 3599, token: tokens.issue(granted) } };
      }
      const message = "Unauthenticated request.";
      const refusal = bearerGuard(request, access, {
        issuer: tokens,
        realm: `${url}/v2/token`,
        service: address,
        message,
      });
      if (refusal || access.kind !== "tags") return refusal;
      const tags = [...((await registry.store.tags.list(access.repository)) ?? [])];
      const manifest = Object.fromEntries(tags.map(([tag, digest]) => [digest, { imageSizeBytes: "0", tag: [tag] }]));
      return { status: 200, body: { child: [], manifest, name: access.repository, tags: tags.map(([tag]) => tag) } };
    },
  });
  return { ...registry, tokens };
}
