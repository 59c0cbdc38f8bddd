import { answerJson, type Exchange } from "./exchange.ts";
import { pageOf } from "./pages.ts";
import { refuse } from "./refusal.ts";

/** GET of the repositories' names, in order and in pages; older than the specification, and none of its endpoints. */
export async function listRepositories(exchange: Exchange): Promise<void> {
  const { store } = exchange;
  if (!store.repositories) throw refuse("UNSUPPORTED", "this registry has no catalog");
  const { names, link } = pageOf(await store.repositories(), exchange, "/v2/_catalog");
  answerJson(exchange, { repositories: names }, link === undefined ? {} : { link });
}
