import { galleyError } from "@galley/spec";
import { decompress, detectCompression } from "../compression/decompress.ts";
import { onlySignal } from "../content/only-signal.ts";
import { blockBytes, tarHeader } from "../tar/tar-header.ts";
import { type ByteFile, readPiece, type Spool } from "./byte-file.ts";
import { openDockerDirectory } from "./docker-directory.ts";
import type { ArchiveFormat, ImageArchive } from "./image-archive.ts";
import type { NamedFiles } from "./named-files.ts";
import { type DockerImagesOptions, openDockerImages } from "./open-docker-images.ts";
import { openOciImages } from "./open-oci-images.ts";
import { tarFiles } from "./tar-files.ts";

/** Options of `openArchive`. */
export interface OpenArchiveOptions extends DockerImagesOptions {
  /** Where an archive goes that is compressed as a whole; without it such an archive is refused. */
  readonly spool?: Spool | undefined;
}

/**
 * Opens an archive of images: an OCI layout in a tar archive, or what `docker save` writes, of any number of images and
 * compressed or not. Only headers and documents are read, until somebody fetches. An archive that is both, as Docker writes
 * since version 25, is read as OCI, with the names that only its `manifest.json` has.
 *
 * @throws unsupported image.not-an-archive with what it is instead, image.archive-compression, image.docker-legacy;
 *   corrupt image.tar, image.truncated, image.docker-archive, image.layer-count, spec.bad-document
 *
 * @example
 * const archive = await openArchive(file);
 * for (const { root, references } of archive.images) console.log(archive.format, root.digest, references);
 */
export async function openArchive(file: ByteFile, options: OpenArchiveOptions = {}): Promise<ImageArchive> {
  const plain = await uncompressed(file, options);
  await checkIsTar(plain);
  const files = await tarFiles(plain, options);
  return openFrom(files, options, "archive");
}

/**
 * Opens a directory of images: an OCI layout, what `skopeo copy … dir:` writes, or an unpacked docker archive.
 *
 * @throws unsupported image.not-an-archive, image.directory-version, image.docker-legacy; corrupt as `openArchive`
 *
 * @example
 * const { images, format } = await openDirectory(layoutFiles("/srv/images"));
 */
export async function openDirectory(files: NamedFiles, options: OpenArchiveOptions = {}): Promise<ImageArchive> {
  return openFrom(files, options, "dir");
}

async function openFrom(
  files: NamedFiles,
  options: OpenArchiveOptions,
  kind: "archive" | "dir",
): Promise<ImageArchive> {
  const format = await detectFormat(files, kind);
  if (format === "docker-dir") return openDockerDirectory(files);
  if (format === "docker-archive") return openDockerImages(files, options);
  const archive = await openOciImages(files, format);
  return (await files.size("manifest.json")) === undefined ? archive : withDockerNames(files, archive);
}

/**
 * Tells by the names of its files what a directory or archive of images is.
 *
 * @throws unsupported image.not-an-archive, image.docker-legacy
 *
 * @example
 * const format = await detectFormat(layoutFiles("/srv/images"), "dir"); // "oci-dir"
 */
export async function detectFormat(files: NamedFiles, kind: "archive" | "dir"): Promise<ArchiveFormat> {
  const has = async (name: string) => (await files.size(name)) !== undefined;
  if ((await has("oci-layout")) || ((await has("index.json")) && !(await has("manifest.json")))) {
    if (await has("index.json")) return `oci-${kind}`;
    throw notImages("an OCI layout without index.json");
  }
  if ((await has("version")) && (await has("manifest.json"))) return "docker-dir";
  if (await has("manifest.json")) return "docker-archive";
  if (await has("repositories"))
    throw galleyError(
      "unsupported",
      "image.docker-legacy",
      "images as Docker saved them before version 1.10, without manifest.json: save them anew",
    );
  throw notImages("neither index.json of an OCI layout nor manifest.json of a docker archive is in it");
}

function notImages(what: string, cause?: unknown) {
  return galleyError("unsupported", "image.not-an-archive", `not an archive of images: ${what}`, { cause });
}

/** Truncated archives are truncated archives; what has no tar header at all is something else. */
async function checkIsTar(file: ByteFile): Promise<void> {
  if (file.sizeBytes < blockBytes) throw notImages(`it has ${file.sizeBytes} bytes`);
  const block = await readPiece(file, 0, blockBytes);
  if (block.every((byte) => byte === 0)) throw notImages("an empty tar archive");
  try {
    tarHeader(block);
  } catch (cause) {
    throw notImages("it is no tar archive", cause);
  }
}

/** First bytes of what we do not read. */
const refused: readonly [name: string, first: RegExp][] = [
  ["xz", /^fd377a585a00/],
  ["bzip2", /^425a683[1-9]314159/],
  ["lz4", /^04224d18/],
  ["zip", /^504b0304/],
];

async function uncompressed(file: ByteFile, { spool, maxExpansion, signal }: OpenArchiveOptions): Promise<ByteFile> {
  const first = await readPiece(file, 0, Math.min(8, file.sizeBytes));
  const hex = Buffer.from(first).toString("hex");
  const other = refused.find(([, magic]) => magic.test(hex));
  if (other) throw compressedError(`the archive is compressed with ${other[0]}; gzip and zstd are read`);
  const compression = detectCompression(first);
  if (compression === "none") return file;
  if (!spool)
    throw compressedError(`the archive is compressed with ${compression}, and there is no place to unpack it`);
  const content = decompress(file.read(0, file.sizeBytes), { compression, maxExpansion, signal });
  return spool(content, onlySignal({ signal }));
}

function compressedError(message: string) {
  return galleyError("unsupported", "image.archive-compression", message);
}

/** Docker before version 27 gave full names only in its own `manifest.json`, by the configuration. */
async function withDockerNames(files: NamedFiles, archive: ImageArchive): Promise<ImageArchive> {
  const { dockerNames } = await import("./docker-names.ts");
  return { ...archive, images: await dockerNames(files, archive) };
}
