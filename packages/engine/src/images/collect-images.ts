import type { Digest } from "@galley/spec";
import { collectGarbage, type Live, type Swept } from "@galley/storage";
import { artifactBlobs } from "../artifacts/artifact-record.ts";
import type { Engine } from "../engine.ts";
import { manifestListBlobs } from "../manifests/manifest-list-record.ts";
import { imageRecords } from "./image-record.ts";

/** What the records of images, manifest lists and artifacts name: all of it must stay. */
export function liveContent(engine: Engine): { blobs: Set<Digest>; layers: Set<Digest> } {
  const images = imageRecords(engine).list();
  const blobs = images.flatMap(({ value }) => [
    value.manifest,
    value.config,
    ...value.layers.map(({ descriptor }) => descriptor),
  ]);
  const chains = images.flatMap(({ value }) => value.layers.map(({ chainId }) => chainId));
  return {
    blobs: new Set([...blobs.map(({ digest }) => digest), ...manifestListBlobs(engine), ...artifactBlobs(engine)]),
    layers: new Set(chains),
  };
}

/** Removes blobs and layers that no image and no pull in progress names. */
export async function collectImages(engine: Engine): Promise<Swept> {
  const { content, layers, leases } = engine.storage;
  const roots = async (): Promise<Live> => liveContent(engine);
  return collectGarbage({ content, layers, leases, roots });
}
