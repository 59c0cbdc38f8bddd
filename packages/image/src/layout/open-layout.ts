import {
  type Descriptor,
  type Digest,
  digestAlgorithm,
  digestHex,
  type Exister,
  type Fetcher,
  galleyError,
  type ImageIndex,
  mediaTypes,
  type Pusher,
  parseDigest,
  type Resolver,
  type Tagger,
} from "@galley/spec";
import { type NamedFiles, readSmallFile } from "../archive/named-files.ts";
import { verified } from "../content/verified.ts";

/** Named files, as little of a file system as a layout needs. */
export interface LayoutFiles extends NamedFiles {
  /** Writes whole or not at all: nothing stays when the content throws. Makes directories. */
  write(name: string, content: AsyncIterable<Uint8Array>): Promise<void>;
}

/** An OCI image layout as a place to copy from and to. */
export interface Layout extends Fetcher, Pusher, Exister, Resolver, Tagger {
  /** Its index; an empty one when there is none yet. */
  readIndex(): Promise<ImageIndex>;
}

const referenceName = "org.opencontainers.image.ref.name";

/**
 * Opens an OCI image layout (image-layout.md) over any files. `tag` writes `index.json` and the `oci-layout` marker;
 * `resolve` takes a tag, a digest, or "" for the only image.
 *
 * @example
 * const layout = openLayout(files);
 * await layout.tag("latest", await copyImage(root, registry, layout));
 */
export function openLayout(files: LayoutFiles): Layout {
  const readIndex = () => readIndexFile(files);
  return {
    readIndex,
    exists: async ({ digest, size }) => (await files.size(blobName(digest))) === size,
    fetch: async ({ digest }, { offsetBytes = 0 } = {}) => {
      if ((await files.size(blobName(digest))) === undefined) throw unknownBlob(digest);
      return files.read(blobName(digest), offsetBytes);
    },
    push: (descriptor, content) => files.write(blobName(descriptor.digest), verified(descriptor, content)),
    resolve: async (reference) => findReference(await readIndex(), reference),
    tag: async (reference, descriptor) => {
      const index = tagged(await readIndex(), reference, descriptor);
      await files.write("oci-layout", text({ imageLayoutVersion: "1.0.0" }));
      await files.write("index.json", text(index));
    },
  };
}

/** The name of a blob in a layout. The digest is parsed again, because a path is made from it. */
export function blobName(digest: Digest): string {
  const parsed = parseDigest(digest);
  return `blobs/${digestAlgorithm(parsed)}/${digestHex(parsed)}`;
}

/** The index with a name moved to a descriptor. */
export function tagged(index: ImageIndex, reference: string, descriptor: Descriptor): ImageIndex {
  const others = index.manifests.filter(({ annotations }) => annotations?.[referenceName] !== reference);
  const annotations = { ...descriptor.annotations, [referenceName]: reference };
  return { ...index, manifests: [...others, { ...descriptor, annotations }] as ImageIndex["manifests"] };
}

/** An index without manifests. */
export const emptyIndex: ImageIndex = { schemaVersion: 2, mediaType: mediaTypes.imageIndex, manifests: [] };

async function readIndexFile(files: LayoutFiles): Promise<ImageIndex> {
  const bytes = await readSmallFile(files, "index.json");
  if (!bytes) return emptyIndex;
  const { parseImageIndex } = await import("@galley/spec/schemas");
  return parseImageIndex(bytes);
}

function findReference({ manifests }: ImageIndex, reference: string): Descriptor {
  const [only] = manifests;
  const found = manifests.find(
    ({ digest, annotations }) => annotations?.[referenceName] === reference || digest === reference,
  );
  if (found) return found;
  if (reference === "" && only && manifests.length === 1) return only;
  const message = `no image ${JSON.stringify(reference)} among the ${manifests.length} of the layout`;
  throw galleyError("not-found", "image.reference-unknown", message, { details: { reference } });
}

function unknownBlob(digest: Digest) {
  return galleyError("not-found", "image.blob-unknown", `no blob ${digest} in the layout`, { details: { digest } });
}

async function* text(value: unknown): AsyncIterable<Uint8Array> {
  yield new TextEncoder().encode(JSON.stringify(value));
}
