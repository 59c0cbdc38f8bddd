import { convertImage } from "@galley/image";
import type { Repository } from "@galley/registry";
import {
  type Descriptor,
  type Fetcher,
  formatReference,
  galleyError,
  parseReference,
  type Reference,
  withDefaultTag,
  wrapError,
} from "@galley/spec";
import type { Engine } from "../engine.ts";
import { pushToRegistry } from "../images/places/push-to-registry.ts";
import { openRemote, type RegistryAccess } from "../images/registry-access.ts";
import type { TransferProgress } from "../images/transfer-progress.ts";
import { findManifestList } from "./find-manifest-list.ts";
import type { ManifestListRecord } from "./manifest-list-record.ts";

/** How to push. */
export interface PushManifestListOptions extends RegistryAccess {
  /** `docker://` and a name; the list's own when left out. */
  readonly destination?: string | undefined;
  /** False: the list alone, whose manifests the repository has already. */
  readonly all?: boolean | undefined;
  /** The family of media types; as they are when left out. */
  readonly format?: "oci" | "v2s2" | undefined;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends a list with all its images to a registry, those that other registries have from there, and resolves to the index's
 * descriptor.
 *
 * @throws not-found engine.manifest-list-unknown; what registries say
 *
 * @example
 * const { digest } = await pushManifestList(engine, "app:1", { destination: "docker://registry.example.test/app:1" });
 */
export async function pushManifestList(
  engine: Engine,
  list: string,
  options: PushManifestListOptions = {},
): Promise<Descriptor> {
  const { value, names } = findManifestList(engine, list);
  const destination = (options.destination ?? names[0] ?? list).replace(/^docker:\/\//, "");
  const reference = withDefaultTag(parseReference(destination));
  if (reference.digest)
    throw galleyError("invalid", "engine.bad-destination", `${destination}: cannot push to a digest`);
  await using lease = await engine.storage.leases.take();
  await lease.add(value.index.digest, ...Object.values(value.members).flatMap(({ blobs }) => blobs));
  await using sources = memberSources(engine, value, options);
  try {
    if (options.all === false) return await sendAlone(value, reference, { ...options, sources });
    const { root, content } = await formed(value, sources, options);
    const { format: _f, destination: _d, ...rest } = options;
    return await pushToRegistry(engine, { content, root }, { ...rest, reference, all: true });
  } catch (error) {
    throw wrapError(`push to docker://${formatReference(reference)}`, error);
  }
}

async function sendAlone(
  { index }: ManifestListRecord,
  reference: Reference,
  { sources, ...options }: PushManifestListOptions & { readonly sources: Fetcher },
): Promise<Descriptor> {
  await using target = await openRemote(reference, options);
  const waits = waitsOf(options);
  await target.push(index, await sources.fetch(index, waits), waits);
  await target.tag(reference.tag ?? "latest", index, waits);
  return index;
}

async function formed({ index }: ManifestListRecord, sources: Fetcher, options: PushManifestListOptions) {
  const { format } = options;
  if (!format) return { root: index, content: sources };
  const to = format === "v2s2" ? "schema2" : format;
  return convertImage(index, sources, { to, all: true, lossy: true, ...waitsOf(options) });
}

function waitsOf({ signal }: PushManifestListOptions): { readonly signal?: AbortSignal } {
  return signal ? { signal } : {};
}

/**
 * Content from the store, else from the repositories that members came from. A blob does not say which manifest it is of, so each
 * repository is asked in turn; there are few.
 */
function memberSources(
  engine: Engine,
  { members }: ManifestListRecord,
  access: RegistryAccess,
): Fetcher & AsyncDisposable {
  const { content } = engine.storage;
  const names = new Set(Object.values(members).flatMap(({ source }) => (source ? [source.replace(/@.*$/, "")] : [])));
  const opened = new Map<string, Promise<Repository>>();
  const open = (name: string): Promise<Repository> => {
    const known = opened.get(name) ?? openRemote(parseReference(name), access);
    opened.set(name, known);
    return known;
  };
  return {
    fetch: async (descriptor, options) => {
      if (await content.exists(descriptor)) return content.fetch(descriptor, options);
      for (const name of names) {
        const repository = await open(name);
        if (await repository.exists(descriptor, options)) return repository.fetch(descriptor, options);
      }
      return content.fetch(descriptor, options); // which says that it is not there
    },
    [Symbol.asyncDispose]: async () => {
      for (const repository of opened.values())
        await (await repository.catch(() => undefined))?.[Symbol.asyncDispose]();
    },
  };
}
