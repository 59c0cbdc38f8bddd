import type { Digest } from "@galley/spec";
import type { ByteRange, RegistryStore, StagedBlob, StoredBlob, StoredManifest } from "./store.ts";

interface Repository {
  readonly blobs: Map<Digest, Uint8Array>;
  readonly manifests: Map<Digest, StoredManifest>;
  readonly tags: Map<string, Digest>;
}

type Repositories = Map<string, Repository>;

/**
 * A store that lives and dies with the process; for tests, examples and small embedded registries.
 *
 * @example
 * await using registry = await serveRegistry({ store: createMemoryStore() });
 */
export function createMemoryStore(): RegistryStore {
  const repositories: Repositories = new Map();
  return {
    // One that has lost all of its manifests, or never had one, is nothing to list.
    repositories: async () => [...repositories].filter(([, { manifests }]) => manifests.size > 0).map(([name]) => name),
    blobs: blobs(repositories),
    manifests: manifests(repositories),
    tags: tags(repositories),
  };
}

function repositoryOf(repositories: Repositories, name: string): Repository {
  const found = repositories.get(name);
  if (found) return found;
  const made: Repository = { blobs: new Map(), manifests: new Map(), tags: new Map() };
  repositories.set(name, made);
  return made;
}

function blobs(repositories: Repositories): RegistryStore["blobs"] {
  return {
    async get(repository, digest) {
      const bytes = repositories.get(repository)?.blobs.get(digest);
      return bytes && storedBlob(bytes);
    },
    stage: async (repository) => {
      return stagedBlob((digest, bytes) => repositoryOf(repositories, repository).blobs.set(digest, bytes));
    },
    remove: async (repository, digest) => repositories.get(repository)?.blobs.delete(digest) ?? false,
    async mount(digest, from, to) {
      const bytes = repositories.get(from)?.blobs.get(digest);
      if (bytes) repositoryOf(repositories, to).blobs.set(digest, bytes);
      return bytes !== undefined;
    },
  };
}

function storedBlob(bytes: Uint8Array): StoredBlob {
  return {
    sizeBytes: bytes.byteLength,
    async *read(range: ByteRange = { firstByte: 0, lastByte: bytes.byteLength - 1 }) {
      yield bytes.subarray(range.firstByte, range.lastByte + 1);
    },
  };
}

function stagedBlob(keep: (digest: Digest, bytes: Uint8Array) => void): StagedBlob {
  const parts: Uint8Array[] = [];
  return {
    // A copy: the caller's buffer may be a view of something larger, or be used again.
    write: async (bytes) => void parts.push(bytes.slice()),
    async *read() {
      yield* parts;
    },
    commit: async (digest) => keep(digest, Buffer.concat(parts)),
    discard: async () => void parts.splice(0),
  };
}

function manifests(repositories: Repositories): RegistryStore["manifests"] {
  return {
    get: async (repository, digest) => repositories.get(repository)?.manifests.get(digest),
    async *list(repository) {
      yield* repositories.get(repository)?.manifests.keys() ?? [];
    },
    async put(repository, digest, manifest) {
      repositoryOf(repositories, repository).manifests.set(digest, manifest);
    },
    remove: async (repository, digest) => repositories.get(repository)?.manifests.delete(digest) ?? false,
  };
}

function tags(repositories: Repositories): RegistryStore["tags"] {
  return {
    list: async (repository) => repositories.get(repository)?.tags,
    put: async (repository, tag, digest) => void repositoryOf(repositories, repository).tags.set(tag, digest),
    remove: async (repository, tag) => repositories.get(repository)?.tags.delete(tag) ?? false,
  };
}
