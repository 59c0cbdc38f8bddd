import { stat } from "node:fs/promises";
import { createImage, decompress, mutateImage, parseChange } from "@galley/image";
import { type Platform, platformOf, wrapError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import type { ImageRecord } from "./image-record.ts";
import { madeReference } from "./made-reference.ts";
import { openTarball } from "./places/open-tarball.ts";
import { makeSpoolDirectory } from "./places/spool-directory.ts";
import { type PullProgress, storeImage } from "./store-image.ts";

/** How to import. */
export interface ImportOptions {
  /** A name for the image. */
  readonly name?: string | undefined;
  /** Instructions of a Dockerfile, as `parseChange` of `@galley/image` reads them. */
  readonly changes?: readonly string[] | undefined;
  /** For its history. */
  readonly message?: string | undefined;
  /** This machine's for Linux when left out. */
  readonly platform?: Platform | undefined;
  readonly onProgress?: ((progress: PullProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes an image with one layer of a file tree in a tar archive, compressed or not: of a host path, an address, or a stream. With a
 * path, the file's time is the image's, so the same file gives the same image.
 *
 * @throws not-found, forbidden for a path that cannot be read; unavailable for an address; unsupported engine.compression;
 *   invalid for a name that is none; what `storeImage` throws
 *
 * @example
 * const { id } = await importImage(engine, "tree.tar.gz", { name: "base:1", changes: ["CMD sh"] });
 */
export async function importImage(
  engine: Engine,
  from: string | AsyncIterable<Uint8Array>,
  {
    name,
    changes = [],
    message = "imported from tarball",
    platform = platformOf(process.arch),
    ...more
  }: ImportOptions = {},
): Promise<ImageRecord> {
  const waits = more.signal ? { signal: more.signal } : {};
  const references = name === undefined ? [] : [madeReference(name)];
  const { fileSpool } = await import("@galley/image/node");
  await using files = fileSpool({ hostPath: await makeSpoolDirectory(engine) });
  try {
    const tar = decompress(await openTarball(from, waits), waits);
    const base = await createImage({ layers: [], platform });
    const { descriptor, content } = await mutateImage(base.descriptor, base.content, {
      choose: platform,
      created: await createdAt(from),
      appendLayers: [{ tar, compression: "none", history: { created_by: "import", comment: message } }],
      changes: changes.map((each) => parseChange(each)),
      spool: files.spool,
      ...waits,
    });
    return await storeImage(engine, { content, root: descriptor }, { references, platform, ...more });
  } catch (error) {
    throw wrapError(`import ${typeof from === "string" ? from : "a stream"}`, error);
  }
}

async function createdAt(from: string | AsyncIterable<Uint8Array>): Promise<string> {
  const file = typeof from === "string" ? await stat(from).catch(() => undefined) : undefined;
  return (file?.isFile() ? file.mtime : new Date()).toISOString();
}
