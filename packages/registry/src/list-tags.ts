import type { ContentOptions } from "@galley/spec";
import { parseTagList } from "@galley/spec/schemas";
import type { Reply } from "./http.ts";
import { maxManifestBytes, maxTagPages } from "./limits.ts";
import { type Call, callForBody, corrupt, type Session } from "./session.ts";

/** The tags of a repository, page by page, in the registry's order. */
export async function* listTags(session: Session, { signal }: ContentOptions): AsyncIterable<string> {
  let at: string | URL | undefined = "tags/list";
  for (let page = 0; at !== undefined; page++) {
    if (page === maxTagPages) throw corrupt(session, "too-many-pages", `more than ${maxTagPages} pages of tags`);
    const call: Call = {
      ...(signal && { signal }),
      method: "GET",
      at,
      doing: "list tags",
      access: "pull",
      accept: [200],
    };
    const reply = await callForBody(session, call, maxManifestBytes);
    yield* parseTagList(reply.body).tags;
    at = nextPage(session, reply);
  }
}

/** The address with rel="next" in a Link header (RFC 8288), which must be the same registry's. */
function nextPage(session: Session, reply: Reply): URL | undefined {
  const [, target] = /<([^<>]{1,4096})>\s*;[^,]*\brel="?next\b/.exec(reply.header("link") ?? "") ?? [];
  if (target === undefined) return undefined;
  const url = URL.canParse(target, reply.url.href) ? new URL(target, reply.url) : undefined;
  if (url?.origin === reply.url.origin) return url;
  throw corrupt(session, "bad-link", "the next page of tags is not of this registry");
}
