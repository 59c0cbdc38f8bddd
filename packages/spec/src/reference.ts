import { type Digest, isDigest } from "./digest.ts";
import { type GalleyError, galleyError } from "./error.ts";
import { maxReferenceLength, maxRepositoryLength } from "./limits.ts";

/** Where an image is: a registry, a repository in it and what in the repository. */
export interface Reference {
  /** Registry host with its port if it has one: `docker.io`, `localhost:5000`, `[::1]:5000`. */
  readonly domain: string;
  /** `library/alpine` */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

const hub = "docker.io";
const domainPattern =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(?::[0-9]{1,5})?$/;
const repositoryPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
/** An image id, which is not a name. */
const hexadecimal = /^[a-f0-9]{64}$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/**
 * Reads what people type, by Docker's rules: `alpine` is `docker.io/library/alpine`, and a first part is a registry
 * when it has a dot, a port or an upper-case letter, or is `localhost`. No tag is added. Throws `invalid`.
 *
 * @example
 * parseReference("localhost:5000/app:v1"); // { domain: "localhost:5000", repository: "app", tag: "v1" }
 */
export function parseReference(text: string): Reference {
  if (text.length > maxReferenceLength) throw badReference(text, "too long");
  if (hexadecimal.test(text)) throw badReference(text, "cannot be 64 hexadecimal digits");
  const { domain, rest } = splitDomain(text);
  const { name, tag, digest } = splitVersion(rest, text);
  const repository = domain === hub && !name.includes("/") ? `library/${name}` : name;
  checkName(domain, repository, text);
  return { domain, repository, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

function splitDomain(text: string): { domain: string; rest: string } {
  const slash = text.indexOf("/");
  const first = text.slice(0, Math.max(slash, 0));
  if (!namesDomain(first)) return { domain: hub, rest: text };
  return { domain: first === `index.${hub}` ? hub : first, rest: text.slice(slash + 1) };
}

function namesDomain(first: string): boolean {
  return /[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase();
}

function splitVersion(rest: string, text: string): { name: string; tag?: string; digest?: Digest } {
  const at = rest.indexOf("@");
  const digest = at === -1 ? undefined : rest.slice(at + 1);
  const named = at === -1 ? rest : rest.slice(0, at);
  const colon = named.indexOf(":");
  const tag = colon === -1 ? undefined : named.slice(colon + 1);
  if (digest !== undefined && !isDigest(digest)) throw badReference(text, "bad digest");
  if (tag !== undefined && !isTagName(tag)) throw badReference(text, "bad tag");
  const name = colon === -1 ? named : named.slice(0, colon);
  return { name, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

function checkName(domain: string, repository: string, text: string): void {
  if (!domainPattern.test(domain)) throw badReference(text, "bad registry name");
  if (repository !== repository.toLowerCase()) {
    throw invalid(text, `invalid reference format: repository name (${repository}) must be lowercase`);
  }
  if (!repositoryPattern.test(repository)) throw badReference(text, "bad repository name");
  if (`${domain}/${repository}`.length > maxRepositoryLength) {
    throw badReference(text, `repository name must not be more than ${maxRepositoryLength} characters`);
  }
}

function badReference(text: string, why: string): GalleyError {
  return invalid(text, `invalid reference format: ${JSON.stringify(text.slice(0, maxRepositoryLength))}: ${why}`);
}

function invalid(reference: string, message: string): GalleyError {
  return galleyError("invalid", "spec.invalid-reference", message, { details: { reference } });
}

/**
 * Whether a text may be a repository of a registry (OCI distribution-spec, "Pulling manifests"), without its domain.
 *
 * @example
 * isRepositoryName("library/alpine"); // true
 */
export function isRepositoryName(text: string): boolean {
  return text.length <= maxRepositoryLength && repositoryPattern.test(text);
}

/**
 * Whether a text may be a tag: at most 128 letters, digits, and `_.-` but not first.
 *
 * @example
 * isTagName("v1.0"); // true
 */
export function isTagName(text: string): boolean {
  return tagPattern.test(text);
}

/**
 * The full form, with what is set.
 *
 * @example
 * formatReference(parseReference("alpine:3")); // "docker.io/library/alpine:3"
 */
export function formatReference(reference: Reference): string {
  return `${reference.domain}/${reference.repository}${version(reference)}`;
}

/**
 * The short form that Docker shows.
 *
 * @example
 * familiarReference(parseReference("docker.io/library/alpine:3")); // "alpine:3"
 */
export function familiarReference(reference: Reference): string {
  if (reference.domain !== hub) return formatReference(reference);
  // Only library/x is shortened: library/x/y would otherwise read back as another repository.
  const short = /^library\/([^/]+)$/.exec(reference.repository)?.[1] ?? reference.repository;
  const readsBack = splitDomain(short).domain === hub && !hexadecimal.test(short);
  return readsBack ? `${short}${version(reference)}` : formatReference(reference);
}

function version({ tag, digest }: Reference): string {
  return `${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/**
 * Whether a text names an image without saying of which registry, so that Docker means Docker Hub and Podman asks its
 * configuration.
 *
 * @example
 * isShortName("alpine:3"); // true
 * isShortName("localhost/alpine"); // false
 */
export function isShortName(text: string): boolean {
  return !namesDomain(text.slice(0, Math.max(text.indexOf("/"), 0)));
}

/**
 * Adds the tag `latest` to a reference that has neither tag nor digest.
 *
 * @example
 * formatReference(withDefaultTag(parseReference("alpine"))); // "docker.io/library/alpine:latest"
 */
export function withDefaultTag(reference: Reference): Reference {
  if (reference.tag !== undefined || reference.digest !== undefined) return reference;
  return { ...reference, tag: "latest" };
}
