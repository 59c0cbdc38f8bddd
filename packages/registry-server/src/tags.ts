import { answerJson, type Exchange } from "./exchange.ts";
import { maxTagsPerPage } from "./limits.ts";
import { refuse } from "./refusal.ts";

/** GET of the tags, in order and in pages: `n` at most, after `last`. */
export async function listTags(exchange: Exchange): Promise<void> {
  const { query, repository: name } = exchange;
  const known = await exchange.store.tags.list(name);
  if (!known) throw refuse("NAME_UNKNOWN", "repository name not known to registry", { detail: { name } });
  const last = query.get("last");
  const rest = [...known.keys()].sort().filter((tag) => last === null || tag > last);
  const count = pageSize(query.get("n"));
  const tags = rest.slice(0, count);
  const final = tags.at(-1);
  const more = final !== undefined && rest.length > count;
  const next = more && `</v2/${name}/tags/list?${new URLSearchParams({ n: `${count}`, last: final })}>; rel="next"`;
  answerJson(exchange, { name, tags }, next ? { link: next } : {});
}

function pageSize(n: string | null): number {
  if (n === null) return maxTagsPerPage;
  if (!/^\d{1,9}$/.test(n)) throw refuse("UNSUPPORTED", "n is not a number", { status: 400 });
  return Math.min(Number(n), maxTagsPerPage);
}
