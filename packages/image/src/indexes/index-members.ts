import { type Descriptor, type Fetcher, type Platform, platformOf } from "@galley/spec";
import { isImageManifest } from "../convert/convert-manifest.ts";
import type { WalkOptions } from "../copy/walk-image.ts";
import { choosePlatform } from "../view/choose-platform.ts";
import { readConfig, readDocument } from "../view/read-document.ts";

/**
 * What an index should say about an image that is added to it: of a manifest its descriptor, with the platform of its
 * configuration or the type of the artifact; of an index one platform's, or with `all` all that it names.
 *
 * @throws not-found image.no-platform, and what the fetcher throws
 *
 * @example
 * const { bytes } = await editIndex(old, [{ type: "add", manifests: await indexMembers(root, registry, { all: true }) }]);
 */
export async function indexMembers(root: Descriptor, from: Fetcher, options: WalkOptions = {}): Promise<Descriptor[]> {
  const document = await readDocument(from, root, options);
  if (document.type === "index") {
    if (options.all) return [...document.index.manifests];
    const platform = options.platform ?? platformOf(process.arch);
    return indexMembers(choosePlatform(document.index.manifests, platform), from, options);
  }
  const { manifest } = document;
  const { mediaType, digest, size } = root;
  if (isImageManifest(manifest)) {
    const config = await readConfig(from, manifest.config, options);
    return [{ mediaType, digest, size, platform: platformIn(config) }];
  }
  return [{ mediaType, digest, size, artifactType: manifest.artifactType ?? manifest.config.mediaType }];
}

function platformIn(config: Platform): Platform {
  const { os, architecture, variant } = config;
  const { "os.version": version, "os.features": features } = config;
  return {
    os,
    architecture,
    ...(variant === undefined ? {} : { variant }),
    ...(version === undefined ? {} : { "os.version": version }),
    ...(features === undefined ? {} : { "os.features": features }),
  };
}
