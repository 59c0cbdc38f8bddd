import type { Repository } from "@galley/registry";
import { type Descriptor, type LayerCompression, parseReference } from "@galley/spec";
import type { Engine } from "../../engine.ts";
import { type ImageRecord, imageRecords } from "../image-record.ts";
import type { ImageForm } from "./formed-image.ts";

/** A layer that is to get another compression. */
export interface LayerToSend {
  readonly image: ImageRecord;
  readonly layer: Descriptor;
  readonly form: ImageForm;
  readonly signal?: AbortSignal | undefined;
}

/** What an earlier push made of a layer, if the repository has that or takes it over from where that push went. */
export async function sentBefore(
  repository: Repository,
  { image, layer, form, signal }: LayerToSend,
): Promise<Descriptor | undefined> {
  const waits = signal ? { signal } : {};
  const found = image.layers
    .filter(({ descriptor }) => descriptor.digest === layer.digest)
    .flatMap(({ sentAs = [] }) => sentAs)
    .find(({ compression }) => compression === form.compression);
  if (!found) return undefined;
  const known = { ...layer, digest: found.digest, size: found.size };
  if (await repository.exists(known, waits)) return known;
  for (const from of otherRepositories(image, repository))
    if (await repository.mount(known, from, waits).catch(() => false)) return known;
  return undefined;
}

function otherRepositories(image: ImageRecord, { reference }: Repository): string[] {
  const names = image.repositoryDigests.map((name) => parseReference(name));
  const others = names.filter(({ domain }) => domain === reference.domain).map(({ repository }) => repository);
  return [...new Set(others)].filter((name) => name !== reference.repository);
}

/** What a push made of a layer. */
export interface SentLayer {
  readonly before: Descriptor;
  readonly after: Descriptor;
  readonly compression: LayerCompression;
}

/** Notes what a push made of a layer. */
export function noteSent(engine: Engine, id: string, { before, after, compression }: SentLayer): void {
  const { digest, size } = after;
  imageRecords(engine).update(id, (image) => ({
    ...image,
    layers: image.layers.map((layer) => {
      if (layer.descriptor.digest !== before.digest) return layer;
      const others = (layer.sentAs ?? []).filter((each) => each.compression !== compression);
      return { ...layer, sentAs: [...others, { digest, size, compression }] };
    }),
  }));
}
