import { type Descriptor, type Digest, isGalleyError, isIndexType, isManifestType } from "@galley/spec";
import { parseImageIndex, parseImageManifest } from "@galley/spec/schemas";
import { refuse } from "./refusal.ts";
import type { ReadableStore, StoredManifest } from "./store.ts";

interface Place {
  readonly repository: string;
  readonly store: ReadableStore;
}

/**
 * Refuses a manifest that is not what its media type says, or whose blobs are not there. An index may name manifests
 * that are not there (a sparse index), and so may `subject`. Gives the digest of the subject, if there is one.
 */
export async function checkManifest(place: Place, manifest: StoredManifest): Promise<Digest | undefined> {
  if (manifest.mediaType === "") throw refuse("MANIFEST_INVALID", "a manifest needs a content type");
  const { document, parts } = parse(manifest);
  if (document.mediaType !== undefined && document.mediaType !== manifest.mediaType) {
    throw refuse("MANIFEST_INVALID", "the manifest's media type is not its content type");
  }
  for (const part of parts) await checkBlob(place, part);
  return document.subject?.digest;
}

interface Parsed {
  readonly document: { readonly mediaType?: unknown; readonly subject?: Descriptor };
  readonly parts: readonly Descriptor[];
}

function parse({ mediaType, bytes }: StoredManifest): Parsed {
  try {
    if (isManifestType(mediaType)) {
      const document = parseImageManifest(bytes);
      return { document, parts: [document.config, ...document.layers] };
    }
    if (isIndexType(mediaType)) return { document: parseImageIndex(bytes), parts: [] };
  } catch (error) {
    throw refuse("MANIFEST_INVALID", isGalleyError(error) ? error.message : "not a manifest");
  }
  throw refuse("MANIFEST_INVALID", "manifests of this media type are not accepted", { detail: { mediaType } });
}

async function checkBlob({ repository, store }: Place, part: Descriptor): Promise<void> {
  // A foreign layer lives at its own addresses.
  if (part.urls?.length || (await store.blobs.get(repository, part.digest))) return;
  throw refuse("MANIFEST_BLOB_UNKNOWN", "a blob of the manifest is unknown", { detail: { digest: part.digest } });
}
