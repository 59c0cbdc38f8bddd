import { randomBytes } from "node:crypto";
import type { Access } from "./access.ts";

/** Gives out tokens and knows what each is for. */
export interface TokenIssuer {
  /** Tokens given so far. */
  readonly given: string[];
  issue(scopes: readonly string[]): string;
  /** What is wrong with a token for this; undefined when it is good. */
  check(token: string, access: Access): "invalid_token" | "insufficient_scope" | undefined;
  /** From now on no token is good any more, as when their time has come. */
  expireAll(): void;
}

export function createTokenIssuer(): TokenIssuer {
  const granted = new Map<string, ReadonlySet<string>>();
  const given: string[] = [];
  return {
    given,
    issue(scopes) {
      const token = `token-${randomBytes(12).toString("hex")}`;
      granted.set(token, new Set(scopes.flatMap(actionsOf)));
      given.push(token);
      return token;
    },
    check(token, { scope }) {
      const actions = granted.get(token);
      if (!actions) return "invalid_token";
      const needed = scope === undefined ? [] : actionsOf(scope);
      return needed.every((action) => actions.has(action)) ? undefined : "insufficient_scope";
    },
    expireAll: () => granted.clear(),
  };
}

/** `repository:a:pull,push` → `repository:a:pull` and `repository:a:push`. */
export function actionsOf(scope: string): string[] {
  const colon = scope.lastIndexOf(":");
  return scope
    .slice(colon + 1)
    .split(",")
    .map((action) => `${scope.slice(0, colon)}:${action}`);
}
