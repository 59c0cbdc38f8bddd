import {
  type Descriptor,
  type Exister,
  type Fetcher,
  galleyError,
  type Pusher,
  type Resolver,
  type Tagger,
} from "@galley/spec";
import { verified } from "./verified.ts";

/** Content in memory. */
export interface MemoryContent extends Fetcher, Pusher, Exister, Resolver, Tagger {
  readonly blobs: ReadonlyMap<string, Uint8Array>;
  readonly tags: ReadonlyMap<string, Descriptor>;
}

/**
 * A content store in memory: for tests, and for images made on the spot.
 *
 * @example
 * const content = memoryContent();
 * await copyImage(root, registry, content);
 */
export function memoryContent(): MemoryContent {
  const blobs = new Map<string, Uint8Array>();
  const tags = new Map<string, Descriptor>();
  const digests = new Map<string, Descriptor>();
  return {
    blobs,
    tags,
    async exists({ digest, size }) {
      return blobs.get(digest)?.length === size;
    },
    async fetch({ digest }, { offsetBytes = 0 } = {}) {
      const bytes = blobs.get(digest);
      if (!bytes) throw galleyError("not-found", "image.blob-unknown", `no blob ${digest}`, { details: { digest } });
      return once(bytes.subarray(offsetBytes));
    },
    async push(descriptor, content) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of verified(descriptor, content)) chunks.push(chunk.slice());
      blobs.set(descriptor.digest, Buffer.concat(chunks));
      digests.set(descriptor.digest, descriptor);
    },
    async resolve(reference) {
      const found = tags.get(reference) ?? digests.get(reference);
      if (!found) throw galleyError("not-found", "image.reference-unknown", `no image ${reference}`);
      return found;
    },
    async tag(reference, descriptor) {
      tags.set(reference, descriptor);
    },
  };
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
