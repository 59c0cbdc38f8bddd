import {
  formatReference,
  galleyError,
  isDigest,
  isTagName,
  parseReference,
  type Reference,
  withDefaultTag,
} from "@galley/spec";
import type { RegistryOptions } from "../options.ts";
import { openRepository, type Repository } from "../repository.ts";
import { type Endpoint, endpointsFor } from "./endpoints-for.ts";
import { findRegistry, refuseBlocked } from "./find-registry.ts";
import { createReader } from "./mirror-reader.ts";
import type { RegistriesConf } from "./registries-conf.ts";

/** How to open a repository under a configuration. */
export interface MirroredOptions extends RegistryOptions {
  readonly conf: RegistriesConf;
  /** The options for one place, where they differ from the others: certificates, for one. */
  readonly optionsFor?: (endpoint: Endpoint) => Promise<RegistryOptions>;
}

/**
 * Opens a repository as the configuration says (containers-registries.conf(5), "Remapping and mirroring registries"). What is read comes
 * from the first mirror that has it, or else from the registry's location; a mirror that fails later gives way to the next.
 * What is written goes to the registry that the reference names, never to a mirror. A mirror is trusted with tags, as the
 * configuration says; digests are verified wherever bytes come from.
 *
 * @throws forbidden registry.blocked; later, what the location says, and in `details.mirrors` what the mirrors said
 *
 * @example
 * const conf = await readRegistriesConf({ environment: process.env });
 * await using repository = await openMirrored(parseReference("example.com/app:1"), { conf });
 */
export async function openMirrored(reference: Reference, options: MirroredOptions): Promise<Repository> {
  const { conf, optionsFor, ...common } = options;
  refuseBlocked(conf, reference);
  const open = async (endpoint: Endpoint): Promise<Repository> => {
    // What the caller says about TLS holds everywhere; what is configured holds for that place.
    const insecure = endpoint.insecure && common.tlsVerify === undefined ? { tlsVerify: false } : undefined;
    return openRepository(endpoint.reference, { ...common, ...insecure, ...(await optionsFor?.(endpoint)) });
  };
  const endpoints = endpointsFor(conf, reference);
  const insecure = findRegistry(conf, reference)?.entry.insecure ?? false;
  const own = await open({ reference, insecure, mirror: false });
  const direct = endpoints.length === 1 && sameRepository(endpoints[0].reference, reference);
  if (direct) return own;
  const places = await Promise.all(endpoints.map((each) => (isOwn(each, reference) ? own : open(each))));
  return spanning(own, places);
}

/** Writes to one, reads from all. */
function spanning(own: Repository, places: readonly Repository[]): Repository {
  const { read, readBlob } = createReader(places);
  return {
    ...own,
    resolve: (name, options = {}) => read((place) => place.resolve(nameIn(own, name), options), options),
    fetchManifest: (name, options = {}) => read((place) => place.fetchManifest(nameIn(own, name), options), options),
    fetch: (descriptor, options = {}) => readBlob(descriptor, options),
    async [Symbol.asyncDispose]() {
      const all = new Set([own, ...places]);
      await Promise.all([...all].map((each) => each[Symbol.asyncDispose]()));
    },
  };
}

function isOwn(endpoint: Endpoint, reference: Reference): boolean {
  return !endpoint.mirror && sameRepository(endpoint.reference, reference);
}

function sameRepository(one: Reference, other: Reference): boolean {
  return one.domain === other.domain && one.repository === other.repository;
}

/** The tag or digest alone: a mirror has the repository under another name. */
function nameIn({ reference }: Repository, text: string): string {
  if (isTagName(text) || isDigest(text)) return text;
  const named = withDefaultTag(parseReference(text));
  if (sameRepository(named, reference)) return named.digest ?? named.tag ?? "latest";
  throw galleyError("invalid", "registry.other-repository", `${text} is not in ${formatReference(reference)}`);
}
