import type { Fetcher } from "@galley/spec";
import { isIndexType, isManifestType } from "@galley/spec";
import type { Content } from "@galley/storage";

/** A fetcher that keeps the documents it fetches, so that none is fetched twice, and hands layers on as they come. */
export function storingFetcher(from: Fetcher, content: Content): Fetcher {
  return {
    fetch: async (descriptor, options = {}) => {
      const { mediaType } = descriptor;
      const document = isManifestType(mediaType) || isIndexType(mediaType) || mediaType.endsWith("json");
      if (!document) return from.fetch(descriptor, options);
      const { offsetBytes: _, ...waits } = options;
      if (!(await content.exists(descriptor)))
        await content.push(descriptor, await from.fetch(descriptor, waits), waits);
      return content.fetch(descriptor, options);
    },
  };
}
