import { formatReference, type Reference } from "@galley/spec";

/** Where an image comes from, as a policy sees it. */
export interface ImagePlace {
  /** `docker` for registries, `docker-archive`, `oci`, `oci-archive`, `dir`, `docker-daemon`, … */
  readonly transport: string;
  /** Its name there. */
  readonly reference?: Reference;
  /** For images in files: an absolute path without links. */
  readonly path?: string;
}

/**
 * The scopes of a policy that an image is in, the narrowest first; without the empty one, which every image is in.
 *
 * @example
 * scopesOf({ transport: "docker", reference: parseReference("a.example.com/b/c:1") });
 * // ["a.example.com/b/c:1", "a.example.com/b/c", "a.example.com/b", "a.example.com", "*.example.com", "*.com"]
 */
export function scopesOf(place: ImagePlace): string[] {
  const { transport, reference, path } = place;
  if ((transport === "docker" || transport === "atomic") && reference) return nameScopes(reference);
  if (transport === "docker-daemon" && reference) return nameScopes(reference);
  const named = transport === "oci" || transport === "oci-archive";
  if (path === undefined || !(named || transport === "dir")) return [];
  const tag = named && reference ? [`${path}:${reference.tag ?? formatReference(reference)}`] : [];
  return [...tag, ...parentsOf(path)];
}

function nameScopes(reference: Reference): string[] {
  const { domain, repository, tag, digest } = reference;
  const parts = [domain, ...repository.split("/")];
  // With both, the digest is what is fetched.
  const whole = formatReference({
    domain,
    repository,
    ...(digest === undefined ? tag !== undefined && { tag } : { digest }),
  });
  const parents = parts.map((_, index) => parts.slice(0, parts.length - index).join("/"));
  const labels = domain.replace(/:\d+$/, "").split(".");
  const wild = labels.slice(1).map((_, index) => `*.${labels.slice(index + 1).join(".")}`);
  return [whole, ...parents, ...wild];
}

/** A path and the directories above it, but not the root. */
function parentsOf(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return parts.map((_, index) => `/${parts.slice(0, parts.length - index).join("/")}`);
}
