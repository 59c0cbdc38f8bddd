import { stat } from "node:fs/promises";
import type { ImageArchive } from "../archive/image-archive.ts";
import { type OpenArchiveOptions, openArchive, openDirectory } from "../archive/open-archive.ts";
import { decompress } from "../compression/decompress.ts";
import { fileError } from "./file-error.ts";
import { fileSpool } from "./file-spool.ts";
import { layoutFiles } from "./layout-files.ts";
import { openByteFile } from "./open-byte-file.ts";

/** Options of `openArchiveAt` and `openArchiveStream`. */
export interface OpenArchiveAtOptions extends Omit<OpenArchiveOptions, "spool"> {
  /** Where what cannot be read in place is kept for as long as the archive is open; the system's temporary directory. */
  readonly spoolPath?: string | undefined;
}

/** An open archive. */
export interface OpenedArchive extends ImageArchive, AsyncDisposable {}

/**
 * Opens images at rest, whatever their form: a docker archive, an OCI archive, either of them compressed, an OCI layout
 * directory, a directory as skopeo's `dir:`. Archives that are not compressed are read in place, without a copy.
 *
 * @throws not-found image.no-file, forbidden image.file-forbidden; what `openArchive` throws
 *
 * @example
 * await using archive = await openArchiveAt("image.tar");
 * for (const { root, references } of archive.images) await copyImage(root, archive, layout);
 */
export async function openArchiveAt(hostPath: string, options: OpenArchiveAtOptions = {}): Promise<OpenedArchive> {
  const status = await stat(hostPath).catch((error: unknown) => {
    throw fileError(`open ${hostPath}`, error);
  });
  await using stack = new AsyncDisposableStack();
  if (status.isDirectory()) return withDisposal(await openDirectory(layoutFiles(hostPath), options), stack);
  const file = stack.use(await openByteFile(hostPath));
  const { spool } = stack.use(fileSpool({ hostPath: options.spoolPath }));
  return withDisposal(await openArchive(file, { ...options, spool }), stack);
}

/**
 * Opens an archive that comes as a stream, for example on standard input. It is kept in a file without a name until the archive
 * is closed, uncompressed; memory stays small whatever its size.
 *
 * @throws what `openArchive` and the stream throw; unavailable image.file-system
 *
 * @example
 * await using archive = await openArchiveStream(process.stdin);
 */
export async function openArchiveStream(
  content: AsyncIterable<Uint8Array>,
  options: OpenArchiveAtOptions = {},
): Promise<OpenedArchive> {
  await using stack = new AsyncDisposableStack();
  const { spool } = stack.use(fileSpool({ hostPath: options.spoolPath }));
  const { signal, maxExpansion } = options;
  const file = await spool(decompress(content, { signal, maxExpansion }), signal ? { signal } : {});
  return withDisposal(await openArchive(file, { ...options, spool }), stack);
}

function withDisposal(archive: ImageArchive, stack: AsyncDisposableStack): OpenedArchive {
  const kept = stack.move();
  return { ...archive, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
