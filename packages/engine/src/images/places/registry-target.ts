import type { CopyTarget } from "@galley/image";
import type { Repository } from "@galley/registry";
import type { ContentOptions, Descriptor } from "@galley/spec";

/** A repository to push to, and how its blobs came there. */
export interface RegistryTarget extends CopyTarget {
  /** Was the blob taken over from another repository? */
  wasMounted(digest: string): boolean;
}

/** So many repositories are asked for a blob; each one that has not got it costs a request. */
const maxMountAttempts = 3;

/**
 * A repository which takes over blobs from other repositories of its registry before anybody sends them.
 *
 * @param holders the repositories of the same registry that are said to have a blob
 */
export function registryTarget(repository: Repository, holders: (blob: Descriptor) => readonly string[]): RegistryTarget {
  const mounted = new Set<string>();
  return {
    ...repository,
    async exists(descriptor, options) {
      if (await repository.exists(descriptor, options)) return true;
      const found = await mountFrom(repository, { descriptor, from: holders(descriptor), options });
      if (found) mounted.add(descriptor.digest);
      return found;
    },
    wasMounted: (digest) => mounted.has(digest),
  };
}

interface MountWork {
  readonly descriptor: Descriptor;
  readonly from: readonly string[];
  readonly options: ContentOptions | undefined;
}

/** What cannot be mounted is sent: a registry that does not let us read the other repository is no failure. */
async function mountFrom(repository: Repository, { descriptor, from, options }: MountWork): Promise<boolean> {
  for (const other of from.slice(0, maxMountAttempts)) {
    options?.signal?.throwIfAborted();
    if (await repository.mount(descriptor, other, options).catch(() => false)) return true;
  }
  return false;
}
