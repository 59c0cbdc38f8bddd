import { galleyError, parseReference, type Reference, withDefaultTag } from "@galley/spec";

/** Where images are besides the store, in the words of containers-transports(5). Paths are as given, relative ones allowed. */
export type ImagePlace =
  | { readonly transport: "docker"; readonly reference: Reference }
  | { readonly transport: ArchiveTransport; readonly hostPath: string; readonly name?: string };

/** Files and directories. */
export type ArchiveTransport = "oci" | "oci-archive" | "docker-archive" | "dir";

const archives: readonly string[] = ["oci", "oci-archive", "docker-archive", "dir"];
const refused: readonly string[] = ["docker-daemon", "containers-storage", "ostree", "sif", "tarball", "atomic"];

/** A file or a directory. */
export type ArchivePlace = Extract<ImagePlace, { transport: ArchiveTransport }>;

/**
 * Reads where an image is: a name, which a registry knows, with or without `docker://`; `oci:PATH[:NAME]`,
 * `oci-archive:PATH[:NAME]`, `docker-archive:PATH[:NAME]`, `dir:PATH`. A name without a tag means `latest`.
 *
 * @throws unsupported engine.transport for what other engines know; invalid for what is neither
 *
 * @example
 * parseImagePlace("oci:/srv/images:app"); // { transport: "oci", hostPath: "/srv/images", name: "app" }
 */
export function parseImagePlace(text: string): ImagePlace {
  const place = splitImagePlace(text);
  return typeof place === "string" ? { transport: "docker", reference: withDefaultTag(parseReference(place)) } : place;
}

/** A file or directory, or the text of a name as it was given, which may be a short one. */
export function splitImagePlace(text: string): ArchivePlace | string {
  const [, transport = "", rest = ""] = /^([a-z-]+):(.*)$/s.exec(text) ?? [];
  if (refused.includes(transport))
    throw galleyError("unsupported", "engine.transport", `${transport}: images from and to there are not supported`);
  if (isArchive(transport)) return archivePlace(transport, rest);
  return transport === "docker" && rest.startsWith("//") ? rest.slice(2) : text;
}

function isArchive(transport: string): transport is ArchiveTransport {
  return archives.includes(transport);
}

/** Paths with a colon cannot be said, as everywhere; in `dir:` they can. */
function archivePlace(transport: ArchiveTransport, rest: string): ArchivePlace {
  const colon = transport === "dir" ? -1 : rest.indexOf(":");
  const hostPath = colon === -1 ? rest : rest.slice(0, colon);
  if (hostPath === "")
    throw galleyError("invalid", "engine.bad-place", `invalid image name "${transport}:${rest}": a path is missing`);
  return { transport, hostPath, ...(colon === -1 ? {} : { name: rest.slice(colon + 1) }) };
}
