import { type Descriptor, isIndexType, isLayerType, isManifestType } from "@galley/spec";
import type { PullProgress } from "./store-image.ts";

/** How far one part of an image is, on its way into the store or out of it. */
export interface TransferProgress extends Omit<PullProgress, "state"> {
  /**
   * `exists`: it was at the target. `mounted`: the registry took it over from another repository. `uploading` and
   * `uploaded` are towards a registry, a file or a directory; before that a layer that gets another compression is
   * `compressing`, under the digest it had.
   */
  readonly state: PullProgress["state"] | "mounted" | "compressing" | "compressed" | "uploading" | "uploaded";
}

/** Which part of an image a descriptor is. */
export function partKind({ mediaType }: Pick<Descriptor, "mediaType">): TransferProgress["kind"] {
  if (isManifestType(mediaType) || isIndexType(mediaType)) return "manifest";
  return isLayerType(mediaType) ? "layer" : "config";
}
