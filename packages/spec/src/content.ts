import type { Descriptor } from "./descriptor.ts";

/** Every port can be stopped; it then throws `cancelled`. */
export interface ContentOptions {
  readonly signal?: AbortSignal;
}

export interface FetchOptions extends ContentOptions {
  /** Start here instead of at the first byte. */
  readonly offsetBytes?: number;
}

/**
 * Gives content. Throws `not-found` when it is absent. The one who reads verifies size and digest, unless the
 * implementation says that it does. Leaving the loop early releases what stands behind it.
 *
 * @example
 * for await (const chunk of await fetcher.fetch(layer, { signal })) digester.update(chunk);
 */
export interface Fetcher {
  fetch(descriptor: Descriptor, options?: FetchOptions): Promise<AsyncIterable<Uint8Array>>;
}

/**
 * Takes content. Verifies size and digest before the content can be seen, and throws `corrupt` when they differ.
 * Idempotent: content that is there already is fine, and may then be left unread.
 *
 * @example
 * await pusher.push(layer, await fetcher.fetch(layer));
 */
export interface Pusher {
  push(descriptor: Descriptor, content: AsyncIterable<Uint8Array>, options?: ContentOptions): Promise<void>;
}

/**
 * Turns a tag, or a digest as text, into a descriptor. Throws `not-found` when there is none.
 *
 * @example
 * const descriptor = await resolver.resolve("latest");
 */
export interface Resolver {
  resolve(reference: string, options?: ContentOptions): Promise<Descriptor>;
}

/**
 * Gives content a name, moving the name when it is taken. The content is there before.
 *
 * @example
 * await tagger.tag("latest", descriptor);
 */
export interface Tagger {
  tag(reference: string, descriptor: Descriptor, options?: ContentOptions): Promise<void>;
}

/**
 * Says whether content is there, without reading it.
 *
 * @example
 * if (await store.exists(layer)) return;
 */
export interface Exister {
  exists(descriptor: Descriptor, options?: ContentOptions): Promise<boolean>;
}
