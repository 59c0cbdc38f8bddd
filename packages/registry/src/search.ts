import { type ContentOptions, type GalleyError, galleyError, isGalleyError } from "@galley/spec";
import { maxManifestBytes, maxSearchResults } from "./limits.ts";
import { listCatalog } from "./list-catalog.ts";
import { printable } from "./registry-error.ts";
import { callForBody, type Session } from "./session.ts";

/** A repository that a registry has found. Texts are one line each, without control characters. */
export interface SearchResult {
  /** As the registry writes it, without the registry: `library/alpine`, or on Docker Hub `alpine`. */
  readonly name: string;
  readonly description: string;
  readonly starCount: number;
  readonly isOfficial: boolean;
  readonly isAutomated: boolean;
}

export interface SearchOptions extends ContentOptions {
  /** Most results; 25 when not given. */
  readonly limit?: number;
}

/** Docker Hub answers searches at another host than pulls. */
const searchHosts: Readonly<Record<string, string>> = { "docker.io": "https://index.docker.io" };

/**
 * Looks for repositories by a term: as Docker Hub and Quay answer it (`/v1/search`), or else, where that is not known, in
 * the registry's list of repositories.
 */
export async function searchRegistry(
  session: Session,
  term: string,
  { limit = 25, ...options }: SearchOptions,
): Promise<SearchResult[]> {
  const most = Math.min(Math.max(1, limit), maxSearchResults);
  try {
    return (await askIndex(session, term, { ...options, limit: most })).slice(0, most);
  } catch (error) {
    if (!isGalleyError(error) || !isUnknown(error.details["status"], error.code)) throw error;
    return searchCatalog(session, term, { ...options, limit: most });
  }
}

function isUnknown(status: unknown, code: string): boolean {
  return code === "registry.bad-search" || [400, 401, 403, 404, 405, 501].includes(Number(status));
}

type Limited = ContentOptions & { readonly limit: number };

async function askIndex(session: Session, term: string, { limit, signal }: Limited): Promise<SearchResult[]> {
  const query = new URLSearchParams({ q: term, n: `${Math.min(limit, 100)}` });
  const results: SearchResult[] = [];
  for (let page = 1; results.length < limit; page++) {
    if (page > 1) query.set("page", `${page}`);
    const { body } = await callForBody(
      session,
      {
        ...(signal && { signal }),
        method: "GET",
        at: `${searchHosts[session.domain] ?? ""}/v1/search?${query}`,
        doing: `search for ${JSON.stringify(term)}`,
        access: "none",
        accept: [200],
      },
      maxManifestBytes,
    );
    const answer = readResults(body);
    results.push(...answer.results);
    if (answer.results.length === 0 || page >= answer.pages) break;
  }
  return results;
}

function readResults(body: Uint8Array): { readonly results: SearchResult[]; readonly pages: number } {
  const document = parse(body);
  if (!Array.isArray(document?.["results"])) throw badSearch();
  return { results: document["results"].flatMap(resultOf), pages: numberOf(document["num_pages"]) };
}

function parse(body: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(Buffer.from(body).toString());
  } catch {
    throw badSearch();
  }
}

function badSearch(): GalleyError {
  return galleyError("corrupt", "registry.bad-search", "the registry's answer is not a list of what was found");
}

function resultOf(entry: unknown): SearchResult[] {
  if (typeof entry !== "object" || entry === null) return [];
  const known: Readonly<Record<string, unknown>> = { ...entry };
  // Docker Hub has used both names.
  const name = known["name"] ?? known["repo_name"];
  const description = known["description"] ?? known["short_description"];
  if (typeof name !== "string" || name === "") return [];
  return [
    {
      name: printable(name),
      description: typeof description === "string" ? printable(description) : "",
      starCount: numberOf(known["star_count"]),
      isOfficial: known["is_official"] === true,
      isAutomated: known["is_automated"] === true,
    },
  ];
}

function numberOf(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

async function searchCatalog(session: Session, term: string, { limit, ...options }: Limited): Promise<SearchResult[]> {
  const results: SearchResult[] = [];
  for await (const name of listCatalog(session, options)) {
    if (!name.includes(term)) continue;
    results.push({ name, description: "", starCount: 0, isOfficial: false, isAutomated: false });
    if (results.length >= limit) break;
  }
  return results;
}
