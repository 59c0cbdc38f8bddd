import type { Descriptor, Fetcher } from "@galley/spec";

/** Podman's names for the forms of images at rest. */
export type ArchiveFormat = "oci-archive" | "oci-dir" | "docker-archive" | "docker-dir";

/** An image in an archive. */
export interface ArchivedImage {
  /** A manifest or an index. */
  readonly root: Descriptor;
  /** Its names as the archive has them: `app:1`, `docker.io/library/app:1`, or a tag alone; none is possible. */
  readonly references: readonly string[];
}

/** Images at rest, whatever the form, as a place to copy from. Who reads verifies. */
export interface ImageArchive extends Fetcher {
  readonly format: ArchiveFormat;
  /** In the archive's order. */
  readonly images: readonly ArchivedImage[];
}

/** An image to put into an archive. */
export interface ImageToArchive {
  readonly root: Descriptor;
  readonly from: Fetcher;
  /** Its names in the archive; none is possible. */
  readonly references?: readonly string[] | undefined;
}
