import type { ContentOptions } from "@galley/spec";

/** The part of some options that is for the one who is asked for content: others have names that mean something else there. */
export function onlySignal({ signal }: { readonly signal?: AbortSignal | undefined }): ContentOptions {
  return signal ? { signal } : {};
}
