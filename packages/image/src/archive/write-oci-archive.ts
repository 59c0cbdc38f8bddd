import type { Descriptor } from "@galley/spec";
import { onlySignal } from "../content/only-signal.ts";
import { verified } from "../content/verified.ts";
import { type WalkOptions, walkImage } from "../copy/walk-image.ts";
import { blobName, emptyIndex } from "../layout/open-layout.ts";
import { tarEnd } from "../tar/tar-writer.ts";
import type { ImageToArchive } from "./image-archive.ts";
import { fullNameAnnotation, nameAnnotation } from "./open-oci-images.ts";
import { encodeJson, tarFile, tarStream } from "./tar-output.ts";

/**
 * Images as an OCI layout in a tar archive, made while it is read. Of an index one platform is written, or with `all`
 * everything. Blobs that several images have are written once; everything that passes is verified. The same images give the
 * same bytes. A name stands in the index as `org.opencontainers.image.ref.name`, and as `io.containerd.image.name` when it is
 * more than a tag.
 *
 * @example
 * const images = [{ root, from: registry, references: ["example.test/app:1"] }];
 * await pipeline(writeOciArchive(images), createWriteStream("image.tar"));
 */
export async function* writeOciArchive(
  images: Iterable<ImageToArchive>,
  options: WalkOptions = {},
): AsyncIterable<Uint8Array> {
  const written = new Set<string>();
  const named: Descriptor[] = [];
  yield* tarFile("oci-layout", encodeJson({ imageLayoutVersion: "1.0.0" }));
  for (const image of images) {
    const root = yield* blobsOf(image, options, written);
    named.push(...namedDescriptors(root, image.references ?? []));
  }
  yield* tarFile("index.json", encodeJson({ ...emptyIndex, manifests: named }));
  yield tarEnd;
}

async function* blobsOf(
  { root, from }: ImageToArchive,
  options: WalkOptions,
  written: Set<string>,
): AsyncGenerator<Uint8Array, Descriptor> {
  const isNew = ({ digest }: Descriptor) => !written.has(digest) && written.add(digest);
  let last = root;
  for await (const { blobs, descriptor, bytes } of walkImage(root, from, options)) {
    for (const blob of blobs.filter(isNew))
      yield* tarStream(blobName(blob.digest), blob.size, verified(blob, await from.fetch(blob, onlySignal(options))));
    if (isNew(descriptor)) yield* tarFile(blobName(descriptor.digest), bytes);
    last = descriptor;
  }
  return last;
}

function namedDescriptors(root: Descriptor, references: readonly string[]): Descriptor[] {
  if (references.length === 0) return [root];
  return references.map((reference) => ({
    ...root,
    annotations: {
      ...root.annotations,
      ...(/[/:]/.test(reference) ? { [fullNameAnnotation]: reference } : {}),
      [nameAnnotation]: reference,
    },
  }));
}
