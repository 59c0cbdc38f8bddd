import type { Engine } from "../engine.ts";
import { findImageEntry } from "./find-image.ts";

/** Everything about an image, named as podman's `image inspect` names it. */
export function inspectImage(engine: Engine, nameOrId: string): object {
  const { value: image, names } = findImageEntry(engine, nameOrId);
  return {
    Id: image.id,
    Digest: image.manifest.digest,
    RepoTags: names,
    RepoDigests: image.repositoryDigests,
    Created: new Date(image.createdAtMs).toISOString(),
    Config: image.execution,
    Author: image.author ?? "",
    Architecture: image.platform.architecture,
    Os: image.platform.os,
    ...(image.platform.variant === undefined ? {} : { Variant: image.platform.variant }),
    Size: image.sizeBytes,
    VirtualSize: image.sizeBytes,
    RootFS: { Type: "layers", Layers: image.layers.map(({ diffId }) => diffId) },
    Labels: image.execution.Labels ?? {},
    ManifestType: image.manifest.mediaType,
    User: image.execution.User ?? "",
    History: image.history,
    NamesHistory: names,
  };
}
