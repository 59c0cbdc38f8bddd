import { maxTokens } from "./limits.ts";
import { scopeActions } from "./scopes.ts";
import type { Token } from "./token-service.ts";

/** Tokens in memory, by what they were asked for. */
export interface TokenCache {
  /** One that was asked for at least these scopes and has not expired. A promise, so that those who need it together ask once. */
  find(scopes: readonly string[]): Promise<Token> | undefined;
  /** Keeps a token that is being fetched; one that cannot be had is forgotten. */
  keep(scopes: readonly string[], token: Promise<Token>): void;
  /** Forgets a token that was refused, whatever its life. */
  drop(value: string): void;
}

interface Kept {
  readonly actions: ReadonlySet<string>;
  readonly token: Promise<Token>;
  /** Undefined while it is being fetched. */
  known?: Token;
}

export function createTokenCache(): TokenCache {
  const kept = new Set<Kept>();
  return {
    find(scopes) {
      for (const each of kept) if (each.known && each.known.expiresMs <= performance.now()) kept.delete(each);
      const needed = [...scopeActions(scopes)];
      return [...kept].findLast(({ actions }) => needed.every((action) => actions.has(action)))?.token;
    },
    keep(scopes, token) {
      const entry: Kept = { actions: scopeActions(scopes), token };
      const [oldest] = kept;
      if (kept.size >= maxTokens && oldest) kept.delete(oldest);
      kept.add(entry);
      token.then(
        (known) => {
          entry.known = known;
        },
        () => kept.delete(entry),
      );
    },
    drop(value) {
      for (const each of kept) if (each.known?.value === value) kept.delete(each);
    },
  };
}
