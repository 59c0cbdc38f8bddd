import type { ArchiveFormat } from "@galley/image";
import type { Descriptor } from "@galley/spec";
import type { Engine } from "../../engine.ts";
import type { ImageRecord } from "../image-record.ts";
import type { TransferProgress } from "../transfer-progress.ts";
import { formedImage, type ImageForm } from "./formed-image.ts";
import type { ArchivePlace, ArchiveTransport } from "./image-place.ts";
import { tellingFetcher } from "./telling-fetcher.ts";
import { writeArchiveTo } from "./write-archive-to.ts";

/** Where to and how. */
export interface PushToArchiveOptions extends ImageForm {
  readonly place: ArchivePlace;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const formats: Readonly<Record<ArchiveTransport, ArchiveFormat>> = {
  oci: "oci-dir",
  "oci-archive": "oci-archive",
  "docker-archive": "docker-archive",
  dir: "docker-dir",
};

/** Writes one image of the store into a file or directory. A `dir:` keeps the manifest as it is unless another is asked for. */
export async function pushToArchive(
  engine: Engine,
  image: ImageRecord,
  { place, onProgress, signal, ...form }: PushToArchiveOptions,
): Promise<Descriptor> {
  const { transport, hostPath, name } = place;
  const oci = transport === "oci" || transport === "oci-archive";
  await using source = await formedImage(engine, image, {
    ...form,
    ...(oci ? { format: "oci" as const } : {}),
    onProgress,
    signal,
  });
  const references = name === undefined || name === "" ? [] : [name];
  const from = tellingFetcher(source.content, { onProgress });
  await writeArchiveTo(hostPath, [{ root: source.root, from, references }], { format: formats[transport], signal });
  return source.root;
}
