import type { Digest } from "./digest.ts";
import { mediaTypes } from "./media-types.ts";
import type { Platform } from "./platform.ts";

/** Points to content: what it is, which bytes, how many (OCI image-spec, descriptor.md). */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** In bytes. */
  readonly size: number;
  readonly urls?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** The content itself in base64, when it is small. */
  readonly data?: string;
  readonly artifactType?: string;
  readonly platform?: Platform;
}

/**
 * Points to the two bytes `{}`, the config of an artifact that has none (OCI image-spec, manifest.md).
 *
 * @example
 * const manifest = { schemaVersion: 2, config: emptyDescriptor, layers: [file] };
 */
export const emptyDescriptor: Descriptor = {
  mediaType: mediaTypes.empty,
  digest: "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" as Digest,
  size: 2,
  data: "e30=",
};
