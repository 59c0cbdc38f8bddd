import { bearerGuard, scopesAsked } from "./bearer-guard.ts";
import { errors, type FakeRegistry, type FakeRegistryOptions, startFakeRegistry } from "./fake-registry.ts";
import { type Origin, readBasic, startOrigin } from "./origin.ts";
import { createTokenIssuer, type TokenIssuer } from "./token-issuer.ts";

/** Like Red Hat's open registry: no credentials at all, and blobs on another host. */
export async function startRedHatAccess(): Promise<FakeRegistry> {
  return startFakeRegistry({ blobRedirect: 302, answer: () => undefined });
}

export interface RedHatRegistry extends FakeRegistry {
  readonly tokenService: Origin;
  readonly tokens: TokenIssuer;
}

/** Like Red Hat's registry for customers: tokens from another host, and only for those who log in. */
export async function startRedHatRegistry({ accounts = {} }: FakeRegistryOptions = {}): Promise<RedHatRegistry> {
  const tokens = createTokenIssuer();
  const path = "/auth/realms/rhcc/protocol/redhat-docker-v2/auth";
  const tokenService = await startOrigin((request) => {
    const basic = readBasic(request);
    if (basic && accounts[basic.user] === basic.password) {
      return { status: 200, body: { token: tokens.issue(scopesAsked(request)), expires_in: 300 } };
    }
    const message = "Please login to the Red Hat Registry using your Customer Portal credentials.";
    return { status: 401, body: errors("UNAUTHORIZED", message) };
  });
  const registry = await startFakeRegistry({
    blobRedirect: 302,
    others: [tokenService],
    answer: (request, access) =>
      bearerGuard(request, access, { issuer: tokens, realm: `${tokenService.url}${path}`, service: "docker-registry" }),
  });
  return { ...registry, tokenService, tokens };
}
