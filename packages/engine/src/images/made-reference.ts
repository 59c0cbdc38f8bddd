import { isShortName, parseReference, type Reference, withDefaultTag } from "@galley/spec";

/**
 * The name of something that is made here: without a registry it is this machine's, `localhost/…`, as podman has it, so that it is
 * never taken for somebody else's.
 *
 * @throws invalid spec.invalid-reference
 *
 * @example
 * formatReference(madeReference("app")); // "localhost/app:latest"
 */
export function madeReference(name: string): Reference {
  const reference = parseReference(name); // what is no name alone is none behind a registry
  return withDefaultTag(isShortName(name) ? parseReference(`localhost/${name}`) : reference);
}
