import type { Descriptor, Digest, ExecutionConfig, HistoryEntry, LayerCompression, Platform } from "@galley/spec";
import type { Collection } from "@galley/storage";
import type { Engine } from "../engine.ts";

/** One layer of an image in the store. */
export interface ImageLayer {
  readonly descriptor: Descriptor;
  /** Digest of the layer's uncompressed archive. */
  readonly diffId: Digest;
  /** Names the stack up to this layer (OCI image spec, "Layer ChainID"). */
  readonly chainId: Digest;
  /** Bytes of its archive without compression, which is what other engines call its size; unknown for layers of before this was noted. */
  readonly unpackedBytes?: number;
  /** What it was compressed to when it was pushed, so that the same need not be made to find that it is there. */
  readonly sentAs?: readonly (Pick<Descriptor, "digest" | "size"> & { readonly compression: LayerCompression })[];
}

/** The container's own user and group files, as the image has them. */
export interface Accounts {
  /** Text of /etc/passwd, empty where there is none. */
  readonly passwd: string;
  /** Text of /etc/group, empty where there is none. */
  readonly group: string;
}

/** An image in the store. All of it was checked when it came in. */
export interface ImageRecord {
  /** Hex of the configuration's digest. */
  readonly id: string;
  readonly manifest: Descriptor;
  readonly config: Descriptor;
  readonly layers: readonly ImageLayer[];
  /** Bytes of configuration and compressed layers. */
  readonly sizeBytes: number;
  readonly createdAtMs: number;
  readonly platform: Platform;
  readonly author?: string;
  /** What the image asks of those who run it: attacker input, of which the engine takes an allow list. */
  readonly execution: ExecutionConfig;
  readonly history: readonly HistoryEntry[];
  /** Digests under which repositories know it: "docker.io/library/alpine@sha256:…". */
  readonly repositoryDigests: readonly string[];
  /** Somebody asked for it by its digest: that it has no name does not make it superfluous. */
  readonly pulledByDigest?: boolean;
  readonly accounts: Accounts;
  /** The manifest's, for show alone. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What a layer takes as people count it: unpacked, where that is known. */
export function layerBytes({ descriptor, unpackedBytes }: ImageLayer): number {
  return unpackedBytes ?? descriptor.size;
}

/**
 * An image's size as people count it: that of its files once unpacked.
 *
 * @example
 * for (const image of listImages(engine)) console.log(image.id, imageBytes(image));
 */
export function imageBytes({ layers }: Pick<ImageRecord, "layers">): number {
  return layers.reduce((sum, layer) => sum + layerBytes(layer), 0);
}

/** The images' records, keyed by id; an image's references in canonical form are the record's unique names. */
export function imageRecords(engine: Engine): Collection<ImageRecord> {
  return engine.storage.records.collection<ImageRecord>("images");
}
