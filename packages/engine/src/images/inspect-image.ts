import type { Engine } from "../engine.ts";
import { findImageEntry } from "./find-image.ts";
import type { ImageRecord } from "./image-record.ts";

/** What `inspectImage` tells: JSON in podman's words. */
export type InspectedImage = ReturnType<typeof inspectImage>;

/**
 * Everything about an image, named as podman's `image inspect` names it. Sizes are those of the compressed layers and the
 * configuration; podman tells unpacked ones.
 *
 * @throws not-found engine.image-unknown; conflict engine.image-ambiguous; invalid for what is not a reference
 *
 * @example
 * const { Id, RepoTags, Config } = inspectImage(engine, "alpine");
 */
export function inspectImage(engine: Engine, nameOrId: string) {
  const { value: image, names } = findImageEntry(engine, nameOrId);
  const { platform, execution, history } = image;
  return {
    Id: image.id,
    Digest: image.manifest.digest,
    RepoTags: names,
    RepoDigests: image.repositoryDigests,
    Parent: "",
    Comment: history.at(-1)?.comment ?? "",
    Created: new Date(image.createdAtMs).toISOString(),
    Config: execution,
    Version: "",
    Author: image.author ?? "",
    Architecture: platform.architecture,
    ...(platform.variant === undefined ? {} : { Variant: platform.variant }),
    Os: platform.os,
    Size: image.sizeBytes,
    VirtualSize: image.sizeBytes,
    GraphDriver: { Name: "overlay", Data: directories(engine, image) },
    RootFS: { Type: "layers", Layers: image.layers.map(({ diffId }) => diffId) },
    Labels: { ...execution.Labels },
    Annotations: { ...image.annotations },
    ManifestType: image.manifest.mediaType,
    User: execution.User ?? "",
    History: history,
    NamesHistory: names,
  };
}

/** Where the layers lie, the highest apart. They are shared and never written. */
function directories(engine: Engine, { layers }: ImageRecord) {
  const [upper, ...lower] = layers.toReversed().map(({ chainId }) => engine.storage.layers.treePath(chainId));
  return {
    ...(lower.length > 0 ? { LowerDir: lower.join(":") } : {}),
    ...(upper === undefined ? {} : { UpperDir: upper }),
  };
}
