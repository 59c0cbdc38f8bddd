import type { ContentOptions } from "@galley/spec";
import { listCatalog } from "./list-catalog.ts";
import type { RegistryOptions } from "./options.ts";
import { type SearchOptions, type SearchResult, searchRegistry } from "./search.ts";
import { callRepeatedly, openSession, type Session } from "./session.ts";
import { working } from "./working.ts";

/** A registry as a whole: what is not about one repository. Close it when done. */
export interface Registry {
  readonly domain: string;
  /**
   * Whether one may come in with the credentials that are used: nothing when so.
   *
   * @throws unauthorized when they are wrong or missing, unavailable when this is no registry
   */
  check(options?: ContentOptions): Promise<void>;
  /** The repositories that it lists, page by page. Large public registries list none. */
  catalog(options?: ContentOptions): AsyncIterable<string>;
  /** By the registry's own search, or in its list of repositories. */
  search(term: string, options?: SearchOptions): Promise<SearchResult[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens a registry; nothing is sent yet.
 *
 * @example
 * await using registry = openRegistry("quay.io", { credentials });
 * await registry.check();
 */
export function openRegistry(domain: string, options: RegistryOptions = {}): Registry {
  const session = openSession({ domain, repository: "" }, options);
  return {
    domain,
    check: (more = {}) => working(session, more, () => check(session, more)),
    catalog: (more = {}) => listCatalog(session, more),
    search: (term, more = {}) => working(session, more, () => searchRegistry(session, term, more)),
    [Symbol.asyncDispose]: () => session.http[Symbol.asyncDispose](),
  };
}

/** OCI distribution-spec 1.1, "Determining Support". */
async function check(session: Session, { signal }: ContentOptions): Promise<void> {
  const call = { method: "GET", at: "", doing: "log in", access: "none", accept: [200] } as const;
  await (await callRepeatedly(session, { ...(signal && { signal }), ...call })).drop();
}
