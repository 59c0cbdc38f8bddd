import { answerJson, type Exchange } from "./exchange.ts";
import { pageOf } from "./pages.ts";
import { refuse } from "./refusal.ts";

/** GET of the tags, in order and in pages. */
export async function listTags(exchange: Exchange): Promise<void> {
  const { repository: name } = exchange;
  const known = await exchange.store.tags.list(name);
  if (!known) throw refuse("NAME_UNKNOWN", "repository name not known to registry", { detail: { name } });
  const { names: tags, link } = pageOf(known.keys(), exchange, `/v2/${name}/tags/list`);
  answerJson(exchange, { name, tags }, link === undefined ? {} : { link });
}
