import type { Descriptor, Digest } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { findImage, imageExists } from "../images/find-image.ts";
import type { MemberWords } from "./add-manifests.ts";
import { editManifestList } from "./edit-manifest-list.ts";
import { findManifestList } from "./find-manifest-list.ts";

/** What a list is to say about itself. */
export interface ListWords {
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly subject?: Descriptor | undefined;
}

/**
 * Changes what a list says about one of its manifests, named by its digest or by an image of the store.
 *
 * @throws not-found engine.manifest-list-unknown, engine.image-unknown, image.not-in-index
 *
 * @example
 * await annotateManifest(engine, "app:1", digest, { platform: { architecture: "arm", variant: "v7" } });
 */
export async function annotateManifest(
  engine: Engine,
  list: string,
  image: string,
  words: MemberWords,
): Promise<string> {
  const { platform, annotations } = words;
  const digest = memberDigest(engine, image);
  await editManifestList(engine, list, [{ type: "annotate", digest, platform, annotations }]);
  return findManifestList(engine, list).key;
}

/**
 * Changes what a list says about itself: its annotations, and the manifest that it is about.
 *
 * @throws not-found engine.manifest-list-unknown
 *
 * @example
 * await annotateManifestList(engine, "app:1", { annotations: { "org.opencontainers.image.version": "1" } });
 */
export async function annotateManifestList(engine: Engine, list: string, words: ListWords): Promise<string> {
  await editManifestList(engine, list, [{ type: "describe", ...words }]);
  return findManifestList(engine, list).key;
}

/**
 * Takes a manifest out of a list, and resolves to its digest.
 *
 * @throws not-found engine.manifest-list-unknown, engine.image-unknown, image.not-in-index
 *
 * @example
 * await removeManifest(engine, "app:1", "sha256:…");
 */
export async function removeManifest(engine: Engine, list: string, image: string): Promise<Digest> {
  const digest = memberDigest(engine, image);
  await editManifestList(engine, list, [{ type: "remove", digest }]);
  return digest;
}

function memberDigest(engine: Engine, image: string): Digest {
  if (/^sha(256|512):[0-9a-f]+$/.test(image) && !imageExists(engine, image)) return image as Digest;
  return findImage(engine, image).manifest.digest;
}
