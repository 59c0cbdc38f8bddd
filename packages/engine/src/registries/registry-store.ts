import type { ByteRange, ReadableStore, StoredBlob, StoredManifest } from "@galley/registry-server";
import { type Descriptor, type Digest, parseReference, type Reference } from "@galley/spec";
import type { Entry } from "@galley/storage";
import type { Engine } from "../engine.ts";
import { type ImageRecord, imageRecords } from "../images/image-record.ts";

/** What the distribution specification asks of a registry. */
const maxManifestBytes = 4 * 1024 * 1024;

/**
 * The engine's images as a registry's content, always as they are at the moment. An image of Docker Hub has its own path there,
 * `library/alpine`; one of another registry has the registry before it, `quay.io/team/app`, a port with `_` for its colon. With
 * `docker.io/` before it a name means the same, so that the server can stand in for all registries at once.
 */
export function registryStore(engine: Engine): ReadableStore {
  return {
    repositories: async () => [
      ...new Set(servedImages(engine).flatMap(({ references }) => references.map(servedName))),
    ],
    blobs: {
      get: async (repository, digest) => {
        const blob = imagesIn(engine, repository)
          .flatMap(blobsOf)
          .find((each) => each.digest === digest);
        return blob && (await engine.storage.content.exists(blob)) ? storedBlob(engine, blob) : undefined;
      },
    },
    manifests: {
      get: async (repository, digest) => {
        const manifest = imagesIn(engine, repository)
          .map(({ manifest }) => manifest)
          .find((each) => each.digest === digest);
        return manifest && readManifest(engine, manifest);
      },
      async *list(repository) {
        yield* new Set(imagesIn(engine, repository).map(({ manifest }) => manifest.digest));
      },
    },
    tags: { list: async (repository) => tagsIn(engine, repository) },
  };
}

/** What a repository is called here. */
export function servedName({ domain, repository }: Reference): string {
  if (domain === "docker.io") return repository;
  const host = domain
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]+/g, "_")
    .replaceAll(/^[_.-]+|[_.-]+$/g, "");
  return `${host}/${repository}`;
}

interface ServedImage {
  readonly record: ImageRecord;
  /** Its names with tags, and those with digests. */
  readonly references: readonly Reference[];
}

function servedImages(engine: Engine): ServedImage[] {
  return imageRecords(engine)
    .list()
    .map(({ value: record, names }: Entry<ImageRecord>) => {
      return { record, references: [...names, ...record.repositoryDigests].map((name) => parseReference(name)) };
    });
}

function isNamed(reference: Reference, repository: string): boolean {
  const name = servedName(reference);
  return name === repository || (reference.domain === "docker.io" && `docker.io/${name}` === repository);
}

function imagesIn(engine: Engine, repository: string): ImageRecord[] {
  const images = servedImages(engine).filter(({ references }) => references.some((each) => isNamed(each, repository)));
  return images.map(({ record }) => record);
}

function tagsIn(engine: Engine, repository: string): ReadonlyMap<string, Digest> | undefined {
  const tags = new Map<string, Digest>();
  let known = false;
  for (const { record, references } of servedImages(engine)) {
    for (const reference of references.filter((each) => isNamed(each, repository))) {
      known = true;
      if (reference.tag !== undefined && !reference.digest) tags.set(reference.tag, record.manifest.digest);
    }
  }
  return known ? tags : undefined;
}

function blobsOf({ config, layers }: ImageRecord): Descriptor[] {
  return [config, ...layers.map(({ descriptor }) => descriptor)];
}

function storedBlob({ storage }: Engine, blob: Descriptor): StoredBlob {
  return {
    sizeBytes: blob.size,
    async *read(range: ByteRange = { firstByte: 0, lastByte: blob.size - 1 }) {
      let left = range.lastByte - range.firstByte + 1;
      if (left <= 0) return;
      for await (const bytes of await storage.content.fetch(blob, { offsetBytes: range.firstByte })) {
        yield bytes.subarray(0, left);
        left -= bytes.byteLength;
        if (left <= 0) return;
      }
    },
  };
}

async function readManifest({ storage }: Engine, manifest: Descriptor): Promise<StoredManifest | undefined> {
  if (manifest.size > maxManifestBytes) return undefined;
  if (!(await storage.content.exists(manifest))) return undefined;
  const parts: Uint8Array[] = [];
  for await (const bytes of await storage.content.fetch(manifest)) parts.push(bytes);
  return { mediaType: manifest.mediaType, bytes: Buffer.concat(parts) };
}
