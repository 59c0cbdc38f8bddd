import type { Repository } from "@galley/registry";
import { type Descriptor, formatReference, galleyError, type Reference, wrapError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { findImageEntry } from "./find-image.ts";
import { type ImageRecord, imageRecords } from "./image-record.ts";
import { leaseImage } from "./lease-image.ts";
import { nameAmong } from "./name-among.ts";
import { formedImage, type ImageForm, usualForm } from "./places/formed-image.ts";
import { parseImagePlace } from "./places/image-place.ts";
import { pushToArchive } from "./places/push-to-archive.ts";
import { openToPush, pushInto } from "./places/push-to-registry.ts";
import { noteSent, sentBefore } from "./places/sent-before.ts";
import { type UploadSpool, uploadSpool } from "./places/upload-spool.ts";
import type { RegistryAccess } from "./registry-access.ts";
import type { TransferProgress } from "./transfer-progress.ts";

/** How to push. */
export interface PushOptions extends RegistryAccess, ImageForm {
  /** Where to, as `parseImagePlace` reads it; the image's own name when left out. */
  readonly destination?: string | undefined;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends an image of the store to a registry, a file or a directory, and resolves to its manifest there. Of a registry's blobs none is
 * sent that is there, and what another repository of the registry has is taken over from it. Layers that are not compressed are
 * compressed for a registry, in the way the others are.
 *
 * @throws not-found engine.image-unknown; invalid for what cannot be a destination; unauthorized, forbidden, unavailable: what the
 *   registry says
 *
 * @example
 * const { digest } = await pushImage(engine, "app:1", { destination: "registry.example.test/team/app:1" });
 */
export async function pushImage(engine: Engine, nameOrId: string, options: PushOptions = {}): Promise<Descriptor> {
  const { key, value: image, names } = findImageEntry(engine, nameOrId);
  const place = parseImagePlace(options.destination ?? ownName(nameOrId, names));
  await using _ = await leaseImage(engine, image);
  if (place.transport !== "docker") return pushToArchive(engine, image, { ...options, place });
  const { reference } = place;
  if (reference.digest)
    throw galleyError("invalid", "engine.bad-destination", `${formatReference(reference)}: cannot push to a digest`);
  try {
    await using repository = await openToPush(engine, { ...options, reference });
    const manifest = await pushFormed(engine, { key, image, repository }, { ...options, reference });
    noteRepository(engine, key, reference, manifest);
    return manifest;
  } catch (error) {
    throw wrapError(`push to docker://${formatReference(reference)}`, error);
  }
}

interface Pushing {
  readonly key: string;
  readonly image: ImageRecord;
  readonly repository: Repository;
}

/** Layers that get another compression are on their way while they get it, unless the repository has the result of an earlier time. */
async function pushFormed(
  engine: Engine,
  { key, image, repository }: Pushing,
  options: PushOptions & { readonly reference: Reference },
): Promise<Descriptor> {
  const { reference, onProgress, signal } = options;
  const form = options.compression === undefined ? { ...options, ...usualForm(image) } : options;
  await using stack = new AsyncDisposableStack();
  let commit: UploadSpool["commit"] | undefined;
  const source = stack.use(
    await formedImage(engine, image, {
      ...form,
      through: (files) => {
        const uploads = stack.use(uploadSpool(repository, files));
        commit = uploads.commit;
        return uploads.spool;
      },
      made:
        options.compressionLevel === undefined
          ? (layer) => sentBefore(repository, { image, layer, form, signal })
          : undefined,
      onLayer: (layer) => noteSent(engine, key, { ...layer, compression: form.compression ?? "gzip" }),
    }),
  );
  return await pushInto(repository, source, { reference, commit, onProgress, signal });
}

/** The name by which the image was asked for, or the only one it has; an id alone is no place to push to. */
function ownName(asked: string, names: readonly string[]): string {
  const [first] = names;
  const name = nameAmong(asked, names) ?? (names.length === 1 ? first : undefined);
  if (name !== undefined) return name;
  throw galleyError(
    "invalid",
    "engine.bad-destination",
    `${asked}: say where to push it to, it has ${names.length} names`,
  );
}

/** What was pushed to a repository can be taken over from it later, and found there by its digest. */
function noteRepository(engine: Engine, id: string, { domain, repository }: Reference, { digest }: Descriptor): void {
  const name = formatReference({ domain, repository, digest });
  imageRecords(engine).update(id, (image) => {
    return { ...image, repositoryDigests: [...new Set([...image.repositoryDigests, name])] };
  });
}
