import type { Reply } from "./http.ts";
import { maxListPages, maxManifestBytes } from "./limits.ts";
import { type Call, callForBody, corrupt, type Session, type WholeReply } from "./session.ts";

/** A list that a registry gives in pages: the answer to a call, and the ones that its Link headers lead to. */
export async function* listPages(session: Session, call: Call): AsyncIterable<WholeReply> {
  let at: string | URL | undefined = call.at;
  for (let page = 0; at !== undefined; page++) {
    if (page === maxListPages)
      throw corrupt(session, "too-many-pages", `${call.doing}: more than ${maxListPages} pages`);
    const reply: WholeReply = await callForBody(session, { ...call, at }, maxManifestBytes);
    yield reply;
    at = nextPage(session, call, reply);
  }
}

/** The address with rel="next" in a Link header (RFC 8288), which must be the same registry's. */
function nextPage(session: Session, { doing }: Call, reply: Reply): URL | undefined {
  const [, target] = /<([^<>]{1,4096})>\s*;[^,]*\brel="?next\b/.exec(reply.header("link") ?? "") ?? [];
  if (target === undefined) return undefined;
  const url = URL.canParse(target, reply.url.href) ? new URL(target, reply.url) : undefined;
  if (url?.origin === reply.url.origin) return url;
  throw corrupt(session, "bad-link", `${doing}: the next page is not of this registry`);
}
