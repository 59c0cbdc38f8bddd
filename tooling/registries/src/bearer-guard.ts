import type { Access } from "./access.ts";
import { bearerOf, errors } from "./fake-registry.ts";
import type { Answer, SeenRequest } from "./origin.ts";
import type { TokenIssuer } from "./token-issuer.ts";

interface BearerGuard {
  readonly issuer: TokenIssuer;
  readonly realm: string;
  readonly service: string;
  readonly message?: string;
  /** Whether the challenge says which scope is needed. */
  readonly saysScope?: boolean;
}

/** Refuses what a token does not allow, with a challenge as the token authentication protocol has it. */
export function bearerGuard(request: SeenRequest, access: Access, guard: BearerGuard): Answer | undefined {
  const token = bearerOf(request);
  const wrong = token === undefined ? "none" : guard.issuer.check(token, access);
  if (wrong === undefined) return undefined;
  const { scope, repository, action } = access;
  const parameters = [
    `realm="${guard.realm}"`,
    `service="${guard.service}"`,
    ...(scope !== undefined && guard.saysScope !== false ? [`scope="${scope}"`] : []),
    ...(wrong === "none" ? [] : [`error="${wrong}"`]),
  ];
  const detail = repository === "" ? null : [{ Type: "repository", Class: "", Name: repository, Action: action }];
  return {
    status: 401,
    headers: { "www-authenticate": `Bearer ${parameters.join(",")}` },
    body: errors("UNAUTHORIZED", guard.message ?? "authentication required", detail),
  };
}

/** The scopes that a request to a token service asks for. */
export function scopesAsked({ url, body }: SeenRequest): string[] {
  const query = new URL(url, "http://token").searchParams;
  const form = new URLSearchParams(body);
  return [...query.getAll("scope"), ...form.getAll("scope")]
    .flatMap((scope) => scope.split(" "))
    .filter((scope) => scope !== "");
}

/** What of the scopes a user gets: nothing private and no pushing without an account. */
export function scopesGranted(
  scopes: readonly string[],
  {
    user,
    privateRepositories = [],
  }: { readonly user: string | undefined; readonly privateRepositories?: readonly string[] | undefined },
): string[] {
  if (user !== undefined) return [...scopes];
  return scopes
    .filter(
      (scope) =>
        scope.startsWith("repository:") && !privateRepositories.some((name) => scope.startsWith(`repository:${name}:`)),
    )
    .map((scope) => scope.replace(/:[^:]*$/, ":pull"));
}
