import type { ArchivedImage, ArchiveFormat } from "@galley/image";
import { isGalleyError, parseReference, type Reference, withDefaultTag } from "@galley/spec";

/**
 * The names that an archived image gets in the store. Names in docker archives are read by Docker's rules; short ones in OCI layouts
 * are nobody's, so they become `localhost/…`, as podman has it. What is no name there, which the specification allows, is none here.
 */
export function archiveNames(format: ArchiveFormat, { references }: Pick<ArchivedImage, "references">): Reference[] {
  return references.flatMap((text) => {
    const short = !/[.:].*\/|^localhost\//.test(text);
    const full = format.startsWith("oci") && short ? `localhost/${text}` : text;
    return readName(full);
  });
}

function readName(text: string): Reference[] {
  try {
    const { digest, ...name } = withDefaultTag(parseReference(text));
    return digest === undefined || name.tag !== undefined ? [name] : [];
  } catch (error) {
    if (isGalleyError(error, "invalid")) return [];
    throw error;
  }
}
