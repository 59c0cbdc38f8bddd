import type { Digest } from "@galley/spec";
import { artifactRecords } from "../artifacts/artifact-record.ts";
import { type ContainerSummary, listContainers } from "../containers/list-containers.ts";
import type { Engine } from "../engine.ts";
import { type ImageSummary, listImages } from "../images/list-images.ts";
import { manifestListBlobs } from "../manifests/manifest-list-record.ts";
import { measureStore, type StoreMeasure } from "./measure-store.ts";

/** One image's room: its unpacked layers and its blobs. */
export interface ImageUsage {
  readonly image: ImageSummary;
  readonly sizeBytes: number;
  /** Of that, what another image has, too. */
  readonly sharedBytes: number;
  /** Containers made from it. */
  readonly containerCount: number;
}

/** One container's room. */
export interface ContainerUsage {
  readonly container: ContainerSummary;
  readonly sizeBytes: number;
}

/** Several things' room. */
export interface KindUsage {
  readonly count: number;
  readonly activeCount: number;
  readonly sizeBytes: number;
  /** What would be free if those went that are not active. */
  readonly reclaimableBytes: number;
}

/** Where the disk's room has gone. */
export interface DiskUsage {
  readonly images: readonly ImageUsage[];
  readonly containers: readonly ContainerUsage[];
  readonly totals: {
    readonly images: KindUsage;
    readonly containers: KindUsage;
    readonly artifacts: KindUsage;
    /** Blobs and layers that nothing names, beginnings of transfers, things put aside. */
    readonly leftOvers: KindUsage;
  };
  /** Everything under the root, records and directories included: what du(1) says. */
  readonly sizeBytes: number;
}

/**
 * Measures the store on the disk. What images share counts once in the totals, which add up to the whole but for records.
 *
 * @example
 * const { totals, sizeBytes } = await diskUsage(engine);
 */
export async function diskUsage(engine: Engine, options: { readonly signal?: AbortSignal } = {}): Promise<DiskUsage> {
  const measure = await measureStore(engine, options.signal);
  const images = listImages(engine);
  const containers = listContainers(engine, { all: true });
  const used = new Set(containers.map(({ imageId }) => imageId));
  const [all, active] = [partsOf(images), partsOf(images.filter(({ id }) => used.has(id)))];
  const artifacts = artifactParts(engine, all);
  const sizes = containers.map((container) => ({ container, sizeBytes: measure.containers.get(container.id) ?? 0 }));
  return {
    images: images.map((image) => imageUsage(image, { images, containers, measure })),
    containers: sizes,
    totals: {
      images: {
        count: images.length,
        activeCount: images.filter(({ id }) => used.has(id)).length,
        sizeBytes: sum(all, measure),
        reclaimableBytes: sum(all, measure) - sum(active, measure),
      },
      containers: containerTotal(sizes),
      artifacts: {
        count: artifactRecords(engine).list().length,
        activeCount: 0,
        sizeBytes: sum(artifacts, measure),
        reclaimableBytes: sum(artifacts, measure),
      },
      leftOvers: leftOvers(measure, new Set([...all, ...artifacts]), new Set(containers.map(({ id }) => id))),
    },
    sizeBytes: everything(measure),
  };
}

/** Blobs and layers in one set: `blob sha256:…`, `layer sha256:…`. */
type Parts = ReadonlySet<string>;

function partsOf(images: readonly ImageSummary[]): Parts {
  return new Set(images.flatMap(partsOfOne));
}

function partsOfOne({ manifest, config, layers }: ImageSummary): string[] {
  const blobs = [manifest, config, ...layers.map(({ descriptor }) => descriptor)];
  return [...blobs.map(({ digest }) => `blob ${digest}`), ...layers.map(({ chainId }) => `layer ${chainId}`)];
}

/** What artifacts and manifest lists need and no image has. */
function artifactParts(engine: Engine, images: Parts): Parts {
  const digests = artifactRecords(engine)
    .list()
    .flatMap(({ value }) => value.blobs);
  return new Set(
    [...digests, ...manifestListBlobs(engine)].map((digest) => `blob ${digest}`).filter((part) => !images.has(part)),
  );
}

function sum(parts: Iterable<string>, measure: StoreMeasure): number {
  let bytes = 0;
  for (const part of parts) bytes += bytesOf(part, measure);
  return bytes;
}

function bytesOf(part: string, { blobs, layers }: StoreMeasure): number {
  const [kind, digest] = part.split(" ") as [string, Digest];
  return (kind === "blob" ? blobs : layers).get(digest) ?? 0;
}

interface Store {
  readonly images: readonly ImageSummary[];
  readonly containers: readonly ContainerSummary[];
  readonly measure: StoreMeasure;
}

function imageUsage(image: ImageSummary, { images, containers, measure }: Store): ImageUsage {
  const own = new Set(partsOfOne(image));
  const others = partsOf(images.filter(({ id }) => id !== image.id));
  return {
    image,
    sizeBytes: sum(own, measure),
    sharedBytes: sum(
      [...own].filter((part) => others.has(part)),
      measure,
    ),
    containerCount: containers.filter(({ imageId }) => imageId === image.id).length,
  };
}

function containerTotal(sizes: readonly ContainerUsage[]): KindUsage {
  const active = sizes.filter(({ container: { status } }) => status === "running" || status === "starting");
  const bytes = (some: readonly ContainerUsage[]): number =>
    some.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
  return {
    count: sizes.length,
    activeCount: active.length,
    sizeBytes: bytes(sizes),
    reclaimableBytes: bytes(sizes) - bytes(active),
  };
}

function leftOvers(measure: StoreMeasure, needed: Parts, containers: ReadonlySet<string>): KindUsage {
  const parts = [
    ...[...measure.blobs.keys()].map((digest) => `blob ${digest}`),
    ...[...measure.layers.keys()].map((digest) => `layer ${digest}`),
  ].filter((part) => !needed.has(part));
  const orphans = [...measure.containers].filter(([id]) => !containers.has(id));
  const sizeBytes =
    sum(parts, measure) + orphans.reduce((total, [, bytes]) => total + bytes, 0) + measure.unfinishedBytes;
  return { count: parts.length + orphans.length, activeCount: 0, sizeBytes, reclaimableBytes: sizeBytes };
}

function everything(measure: StoreMeasure): number {
  const maps = [measure.blobs, measure.layers, measure.containers];
  const named = maps.flatMap((map) => [...map.values()]).reduce((total, bytes) => total + bytes, 0);
  return named + measure.unfinishedBytes + measure.otherBytes;
}
