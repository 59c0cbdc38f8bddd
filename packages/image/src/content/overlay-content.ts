import {
  type Descriptor,
  type Digest,
  type DigestAlgorithm,
  digestOf,
  type Fetcher,
  type FetchOptions,
  galleyError,
} from "@galley/spec";

/** Opens content from there on. */
export type OpenContent = (offsetBytes: number, options: FetchOptions) => Promise<AsyncIterable<Uint8Array>>;

/** Content over other content: new documents and blobs in front of a fetcher. */
export interface OverlayContent extends Fetcher {
  /** Takes bytes in, under their digest. */
  add(mediaType: string, bytes: Uint8Array, algorithm?: DigestAlgorithm): Descriptor;
  /** Takes a value in as JSON. */
  addJson(mediaType: string, value: unknown, algorithm?: DigestAlgorithm): Descriptor;
  /** Content that is made or read when it is asked for. */
  addSource(digest: Digest, open: OpenContent): void;
}

/** An overlay over `from`; without it what is not in the overlay is not-found. */
export function overlayContent(from?: Fetcher): OverlayContent {
  const sources = new Map<Digest, OpenContent>();
  const add: OverlayContent["add"] = (mediaType, bytes, algorithm) => {
    const digest = digestOf(bytes, algorithm);
    sources.set(digest, async (offsetBytes) => once(bytes.subarray(offsetBytes)));
    return { mediaType, digest, size: bytes.length };
  };
  return {
    add,
    addJson: (mediaType, value, algorithm) =>
      add(mediaType, new TextEncoder().encode(JSON.stringify(value)), algorithm),
    addSource: (digest, open) => void sources.set(digest, open),
    fetch: async (descriptor, options = {}) => {
      const source = sources.get(descriptor.digest);
      if (source) return source(options.offsetBytes ?? 0, options);
      if (from) return from.fetch(descriptor, options);
      const { digest } = descriptor;
      throw galleyError("not-found", "image.blob-unknown", `no blob ${digest}`, { details: { digest } });
    },
  };
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
