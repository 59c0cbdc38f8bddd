import { type ContentOptions, isRepositoryName } from "@galley/spec";
import { listPages } from "./list-pages.ts";
import { type Call, corrupt, type Session } from "./session.ts";

/** The repositories of a registry that it lists, page by page. Names that are none are left out. */
export async function* listCatalog(session: Session, { signal }: ContentOptions): AsyncIterable<string> {
  const call: Call = {
    ...(signal && { signal }),
    method: "GET",
    at: "_catalog?n=1000",
    doing: "list repositories",
    access: "catalog",
    accept: [200],
  };
  for await (const { body } of listPages(session, call)) {
    yield* namesOf(session, body).filter((name) => isRepositoryName(name));
  }
}

function namesOf(session: Session, body: Uint8Array): string[] {
  try {
    const { repositories } = JSON.parse(Buffer.from(body).toString());
    if (repositories === null || repositories === undefined) return [];
    if (Array.isArray(repositories)) return repositories.filter((name) => typeof name === "string");
  } catch {
    // Told below.
  }
  throw corrupt(session, "bad-catalog", "the registry's answer is not a list of repositories");
}
