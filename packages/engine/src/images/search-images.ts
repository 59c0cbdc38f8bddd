import { galleyError, isGalleyError, wrapError } from "@galley/spec";
import { openRemoteRegistry, type RegistryAccess, registriesConf } from "./registry-access.ts";

/** How to search. */
export interface SearchImagesOptions extends RegistryAccess {
  /** Most results of each registry; 25 when left out. */
  readonly limit?: number | undefined;
  /** Only those with at least so many stars. */
  readonly minStars?: number | undefined;
  readonly isOfficial?: boolean | undefined;
  readonly isAutomated?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An image repository that a registry has found. */
export interface FoundRepository {
  /** The registry. */
  readonly index: string;
  /** In full: `docker.io/library/alpine`. */
  readonly name: string;
  readonly description: string;
  readonly starCount: number;
  readonly isOfficial: boolean;
  readonly isAutomated: boolean;
}

const usualLimit = 25;
const searched: readonly string[] = ["docker.io"];

/**
 * Looks for images: in the registry that the term begins with, `registry.example.test/term`, or else in those that registries.conf
 * searches for short names, Docker Hub when it says nothing. One that fails is passed over while another one answers.
 *
 * @throws unavailable, unauthorized: what the last registry said when none answered
 *
 * @example
 * for (const { name, description } of await searchImages("quay.io/podman")) console.log(name, description);
 */
export async function searchImages(text: string, options: SearchImagesOptions = {}): Promise<FoundRepository[]> {
  const { domains, term } = await placesOf(text, options);
  const found: FoundRepository[] = [];
  const failures: unknown[] = [];
  for (const domain of domains) {
    try {
      found.push(...(await searchOne(domain, term, options)));
    } catch (error) {
      if (isGalleyError(error, "cancelled")) throw error;
      failures.push(error);
    }
  }
  if (failures.length === domains.length) throw wrapError(`search for ${JSON.stringify(text)}`, failures.at(-1));
  return found;
}

async function placesOf(
  text: string,
  options: SearchImagesOptions,
): Promise<{ domains: readonly string[]; term: string }> {
  const [, domain, rest = ""] = /^([^/]*[.:][^/]*|localhost)\/(.*)$/s.exec(text) ?? [];
  if (domain !== undefined) return { domains: [domain], term: rest };
  const { searchRegistries = searched, path } = await registriesConf(options);
  if (searchRegistries.length > 0) return { domains: searchRegistries, term: text };
  throw galleyError("invalid", "engine.no-search-registries", `${path} names no registries to search`);
}

async function searchOne(domain: string, term: string, options: SearchImagesOptions): Promise<FoundRepository[]> {
  const { limit = usualLimit, minStars, isOfficial, isAutomated, signal } = options;
  const filtered = minStars !== undefined || isOfficial !== undefined || isAutomated !== undefined;
  await using registry = await openRemoteRegistry(domain, options);
  // What filters take away makes room for others.
  const results = await registry.search(term, {
    limit: filtered ? Math.max(limit, 100) : limit,
    ...(signal ? { signal } : {}),
  });
  return results
    .filter(({ starCount }) => starCount >= (minStars ?? 0))
    .filter((result) => isOfficial === undefined || result.isOfficial === isOfficial)
    .filter((result) => isAutomated === undefined || result.isAutomated === isAutomated)
    .slice(0, limit)
    .map((result) => ({ ...result, index: domain, name: `${domain}/${fullName(domain, result.name)}` }));
}

/** Docker Hub leaves out what its official images' names begin with. */
function fullName(domain: string, name: string): string {
  return domain === "docker.io" && !name.includes("/") ? `library/${name}` : name;
}
