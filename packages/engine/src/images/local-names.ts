import { formatReference, isShortName, parseReference, withDefaultTag } from "@galley/spec";

/** The canonical names under which a name may be in the store. */
export interface LocalNames {
  /** In the order in which they count. */
  readonly exact: readonly string[];
  /** A short name also means an image of any registry whose name ends so: `/app:latest`. */
  readonly ending?: string;
}

/**
 * Where to look for a name in the store, as Podman does: what is short is an image made here, then Docker Hub's, then that of any
 * registry. No configuration counts, since what a short name means to a registry does not change what is here.
 *
 * @throws invalid spec.invalid-reference
 *
 * @example
 * localNames("app"); // { exact: ["localhost/app:latest", "docker.io/library/app:latest"], ending: "/app:latest" }
 */
export function localNames(asked: string): LocalNames {
  const reference = withDefaultTag(parseReference(asked));
  // With a digest a tag says nothing: name:tag@digest is name@digest.
  const { domain, repository, tag, digest } = reference;
  const version = digest === undefined ? { ...(tag === undefined ? {} : { tag }) } : { digest };
  const named = formatReference({ domain, repository, ...version });
  if (!isShortName(asked)) return { exact: [named] };
  const here = formatReference({
    domain: "localhost",
    repository: parseReference(`localhost/${asked}`).repository,
    ...version,
  });
  return { exact: [here, named], ending: here.slice("localhost".length) };
}

/** Which of an image's names was asked for. */
export function pickName({ exact, ending }: LocalNames, names: readonly string[]): string | undefined {
  return exact.find((name) => names.includes(name)) ?? (ending && names.find((name) => name.endsWith(ending)));
}
