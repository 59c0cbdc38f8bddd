import type { ImageView } from "@galley/image";
import { type Descriptor, type Digest, digestHex, formatReference, type Reference } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { type Accounts, type ImageRecord, imageRecords } from "./image-record.ts";
import { nameImage } from "./tag-image.ts";

/** An image whose content is in the store. */
export interface ArrivedImage {
  readonly image: ImageView;
  /** What the name led to: the manifest, or the index that led to it. */
  readonly root: Descriptor;
  /** Its names; one with a digest is a repository digest only. */
  readonly references: readonly Reference[];
  readonly accounts: Accounts;
  /** Bytes of each layer's archive without compression, by chain id, where they are known. */
  readonly unpackedBytes?: ReadonlyMap<Digest, number>;
}

/** Makes an image visible under its name, in one durable transaction; an image that had the name loses it. */
export function recordImage(engine: Engine, arrived: ArrivedImage): ImageRecord {
  const records = imageRecords(engine);
  const id = digestHex(arrived.image.configDescriptor.digest);
  return engine.storage.records.transaction(
    () => {
      const known = records.get(id);
      const record = describe(id, arrived, known?.value);
      records.put(id, record, { names: known?.names ?? [] });
      const names = arrived.references.filter(({ digest }) => !digest);
      if (names.length > 0) nameImage(engine, id, names.map(formatReference));
      return record;
    },
    { durable: true },
  );
}

function describe(
  id: string,
  { image, root, references, accounts, unpackedBytes }: ArrivedImage,
  known: ImageRecord | undefined,
): ImageRecord {
  const { config } = image;
  const fresh = references.flatMap(({ domain, repository }) =>
    [root.digest, image.descriptor.digest].map((digest) => formatReference({ domain, repository, digest })),
  );
  return {
    id,
    manifest: image.descriptor,
    config: image.configDescriptor,
    layers: image.layers.map(({ descriptor, diffId, chainId }) => {
      const bytes = unpackedBytes?.get(chainId);
      return { descriptor, diffId, chainId, ...(bytes === undefined ? {} : { unpackedBytes: bytes }) };
    }),
    sizeBytes: image.layers.reduce((sum, { descriptor }) => sum + descriptor.size, image.configDescriptor.size),
    createdAtMs: Date.parse(config.created ?? "") || 0,
    platform: {
      os: config.os,
      architecture: config.architecture,
      ...(config.variant === undefined ? {} : { variant: config.variant }),
    },
    ...(config.author === undefined ? {} : { author: config.author }),
    execution: config.config ?? {},
    history: config.history ?? [],
    repositoryDigests: [...new Set([...(known?.repositoryDigests ?? []), ...fresh])],
    ...(known?.pulledByDigest || references.some(({ digest }) => digest) ? { pulledByDigest: true } : {}),
    accounts,
    ...(image.manifest.annotations ? { annotations: image.manifest.annotations } : {}),
  };
}
