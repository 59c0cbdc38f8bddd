import { type IndexEdit, indexMembers } from "@galley/image";
import { type Descriptor, formatReference, type Platform, parseReference, withDefaultTag } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { findImage, imageExists } from "../images/find-image.ts";
import { openRemote, type RegistryAccess } from "../images/registry-access.ts";
import { editManifestList } from "./edit-manifest-list.ts";
import { findManifestList } from "./find-manifest-list.ts";
import type { ListMember } from "./manifest-list-record.ts";

/** What the list says about what is added, besides what the images themselves say. */
export interface MemberWords {
  /** Members of the platform that are to be different. */
  readonly platform?: Partial<Platform> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** How to add. */
export interface AddManifestsOptions extends RegistryAccess, MemberWords {
  /** All that an index of a registry names, not only this machine's platform. */
  readonly all?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Adds images to a list: those of the store, and of registries those that are not there; of the latter nothing but what the list
 * says is fetched. One that is in the list already is replaced where it is.
 *
 * @throws not-found engine.manifest-list-unknown; what registries say
 *
 * @example
 * await addManifests(engine, "app:1", ["docker://registry.example.test/team/app:1-arm64"], { platform: { variant: "v8" } });
 */
export async function addManifests(
  engine: Engine,
  list: string,
  images: readonly string[],
  options: AddManifestsOptions = {},
): Promise<string> {
  const { key } = findManifestList(engine, list);
  for (const image of images) {
    const added = await find(engine, image, options);
    const { platform, annotations } = options;
    const words = added.flatMap(({ descriptor: { digest } }): IndexEdit[] =>
      platform || annotations ? [{ type: "annotate", digest, platform, annotations }] : [],
    );
    const manifests = added.map(({ descriptor }) => descriptor);
    const members = Object.fromEntries(added.map(({ descriptor, member }) => [descriptor.digest, member]));
    await editManifestList(engine, key, [{ type: "add", manifests }, ...words], members);
  }
  return key;
}

interface Found {
  readonly descriptor: Descriptor;
  readonly member: ListMember;
}

const transport = "docker://";

async function find(engine: Engine, image: string, options: AddManifestsOptions): Promise<Found[]> {
  if (image.startsWith(transport) || !imageExists(engine, image)) return findRemote(image, options);
  const { manifest, config, layers } = findImage(engine, image);
  const blobs = [manifest.digest, config.digest, ...layers.map(({ descriptor }) => descriptor.digest)];
  const [descriptor = manifest] = await indexMembers(manifest, engine.storage.content);
  return [{ descriptor, member: { blobs } }];
}

async function findRemote(image: string, { all, signal, ...access }: AddManifestsOptions): Promise<Found[]> {
  const reference = withDefaultTag(parseReference(image.startsWith(transport) ? image.slice(transport.length) : image));
  const { domain, repository, digest, tag } = reference;
  await using remote = await openRemote(reference, access);
  const waits = signal ? { signal } : {};
  const root = await remote.resolve(digest ?? tag ?? "latest", waits);
  const members = await indexMembers(root, remote, { all, ...waits });
  return members.map((descriptor) => {
    const source = formatReference({ domain, repository, digest: descriptor.digest });
    return { descriptor, member: { blobs: [], source } };
  });
}
