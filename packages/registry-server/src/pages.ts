import type { Exchange } from "./exchange.ts";
import { maxNamesPerPage } from "./limits.ts";
import { refuse } from "./refusal.ts";

/** A part of a sorted list, and where the next part is. */
export interface Page {
  readonly names: readonly string[];
  /** A Link header (RFC 8288), when there is more. */
  readonly link?: string;
}

/** The page that a client asks for: `n` names at most, after `last` (OCI distribution-spec, end-8b). */
export function pageOf(all: Iterable<string>, { query }: Pick<Exchange, "query">, path: string): Page {
  const last = query.get("last");
  const rest = [...all].sort().filter((name) => last === null || name > last);
  const count = pageSize(query.get("n"));
  const names = rest.slice(0, count);
  const final = names.at(-1);
  if (final === undefined || rest.length <= count) return { names };
  return { names, link: `<${path}?${new URLSearchParams({ n: `${count}`, last: final })}>; rel="next"` };
}

function pageSize(n: string | null): number {
  if (n === null) return maxNamesPerPage;
  if (!/^\d{1,9}$/.test(n)) throw refuse("UNSUPPORTED", "n is not a number", { status: 400 });
  return Math.min(Number(n), maxNamesPerPage);
}
