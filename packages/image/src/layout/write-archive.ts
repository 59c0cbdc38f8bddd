import { type Descriptor, type Fetcher, mediaTypes } from "@galley/spec";
import { verified } from "../content/verified.ts";
import { type WalkOptions, walkImage } from "../copy/walk-image.ts";
import { tarEnd, tarEntry } from "../tar/tar-writer.ts";
import { blobName, emptyIndex, tagged } from "./open-layout.ts";

/** Options of `writeArchive`. */
export interface WriteArchiveOptions extends WalkOptions {
  /** The name in the archive's index. */
  readonly reference?: string | undefined;
}

/**
 * An OCI image layout as a tar archive, made while it is read. Everything passing through is verified.
 *
 * @example
 * await pipeline(writeArchive(root, fetcher, { reference: "latest" }), createWriteStream("image.tar"));
 */
export async function* writeArchive(
  root: Descriptor,
  from: Fetcher,
  options: WriteArchiveOptions = {},
): AsyncIterable<Uint8Array> {
  const written = new Set<string>();
  let last = root;
  yield* file("oci-layout", encode({ imageLayoutVersion: "1.0.0" }));
  for await (const { blobs, descriptor, bytes } of walkImage(root, from, options)) {
    for (const blob of blobs) {
      if (written.has(blob.digest)) continue;
      written.add(blob.digest);
      yield* tarEntry({ path: blobName(blob.digest), type: "file", sizeBytes: blob.size });
      yield* padded(blob.size, verified(blob, await from.fetch(blob, options)));
    }
    if (!written.has(descriptor.digest)) yield* file(blobName(descriptor.digest), bytes);
    written.add(descriptor.digest);
    last = descriptor;
  }
  yield* file("index.json", encode(indexOf(last, options.reference)));
  yield tarEnd;
}

function indexOf(root: Descriptor, reference: string | undefined) {
  if (reference !== undefined) return tagged(emptyIndex, reference, root);
  return { schemaVersion: 2, mediaType: mediaTypes.imageIndex, manifests: [root] };
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function* file(path: string, bytes: Uint8Array): Iterable<Uint8Array> {
  yield* tarEntry({ path, type: "file", sizeBytes: bytes.length });
  yield bytes;
  yield padding(bytes.length);
}

async function* padded(sizeBytes: number, content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  yield* content;
  yield padding(sizeBytes);
}

function padding(sizeBytes: number): Uint8Array {
  return new Uint8Array((512 - (sizeBytes % 512)) % 512);
}
