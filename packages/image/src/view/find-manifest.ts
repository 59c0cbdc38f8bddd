import {
  type ContentOptions,
  type Descriptor,
  type Fetcher,
  galleyError,
  type ImageManifest,
  type Platform,
} from "@galley/spec";
import { maxIndexDepth } from "../limits.ts";
import { choosePlatform } from "./choose-platform.ts";
import { readDocument } from "./read-document.ts";

/** A manifest, read. */
export interface FoundManifest {
  readonly descriptor: Descriptor;
  readonly manifest: ImageManifest;
  readonly bytes: Uint8Array;
}

/** Options of `findManifest`. */
export interface FindOptions extends ContentOptions {
  readonly platform: Platform;
}

/** Follows indexes down to the manifest for a platform. */
export async function findManifest(fetcher: Fetcher, root: Descriptor, options: FindOptions): Promise<FoundManifest> {
  let descriptor = root;
  for (let depth = 0; depth <= maxIndexDepth; depth += 1) {
    const document = await readDocument(fetcher, descriptor, options);
    if (document.type === "manifest") return { descriptor, manifest: document.manifest, bytes: document.bytes };
    descriptor = choosePlatform(document.index.manifests, options.platform);
  }
  throw galleyError(
    "unsupported",
    "image.index-depth",
    `${root.digest} is an index of indexes more than ${maxIndexDepth} deep`,
  );
}
