import type { ContentOptions } from "@galley/spec";
import { listPages } from "./list-pages.ts";
import type { Session } from "./session.ts";

/** The tags of a repository, page by page, in the registry's order. */
export async function* listTags(session: Session, { signal }: ContentOptions): AsyncIterable<string> {
  const { parseTagList } = await import("@galley/spec/schemas");
  const pages = listPages(session, {
    ...(signal && { signal }),
    method: "GET",
    at: "tags/list",
    doing: "list tags",
    access: "pull",
    accept: [200],
  });
  for await (const { body } of pages) yield* parseTagList(body).tags;
}
