import {
  type Descriptor,
  type Digest,
  digestAlgorithm,
  digestHex,
  digestOf,
  galleyError,
  parseDigest,
} from "@galley/spec";
import { verified } from "../content/verified.ts";
import { type CopyImageOptions, copyImage } from "../copy/copy-image.ts";
import type { LayoutFiles } from "../layout/open-layout.ts";
import { isDocumentType, sniffDocumentType } from "../view/document-type.ts";
import type { ImageArchive } from "./image-archive.ts";
import { type NamedFiles, readSmallFile } from "./named-files.ts";

const versionText = "Directory Transport Version: 1.1\n";

/** The image in a directory as `skopeo copy … dir:` writes it: manifest.json, blobs by their hex digits. */
export async function openDockerDirectory(files: NamedFiles): Promise<ImageArchive> {
  await checkVersion(files);
  const bytes = await readSmallFile(files, "manifest.json");
  if (!bytes) throw galleyError("not-found", "image.no-index", "the directory has no manifest.json");
  const root = { mediaType: sniffDocumentType(bytes), digest: digestOf(bytes), size: bytes.length };
  return {
    format: "docker-dir",
    images: [{ root, references: [] }],
    fetch: async (descriptor, { offsetBytes = 0 } = {}) => {
      const name = descriptor.digest === root.digest ? "manifest.json" : nameIn(descriptor);
      if ((await files.size(name)) === undefined)
        throw galleyError("not-found", "image.blob-unknown", `no blob ${descriptor.digest} in the directory`);
      return files.read(name, offsetBytes);
    },
  };
}

async function checkVersion(files: NamedFiles): Promise<void> {
  const bytes = await readSmallFile(files, "version");
  const version = /^Directory Transport Version: (\d+)\.\d+\s*$/.exec(Buffer.from(bytes ?? []).toString("latin1"))?.[1];
  if (version !== "1")
    throw galleyError("unsupported", "image.directory-version", "the directory's version file is not of version 1");
}

/**
 * Writes an image into an empty directory as `skopeo copy … dir:` does. Options are those of `copyImage`; with `all` the other
 * manifests of an index lie beside it. Resolves to the root's descriptor there.
 *
 * @example
 * await writeDockerDirectory(root, registry, layoutFiles("/tmp/image"));
 */
export async function writeDockerDirectory(
  root: Descriptor,
  from: ImageArchive | { fetch: ImageArchive["fetch"] },
  to: { readonly files: LayoutFiles; readonly options?: CopyImageOptions },
): Promise<Descriptor> {
  const { files, options = {} } = to;
  let last: { descriptor: Descriptor; bytes: Uint8Array } | undefined;
  const flush = async () => last && files.write(nameIn(last.descriptor), once(last.bytes));
  const copied = await copyImage(
    root,
    from,
    {
      push: async (descriptor, content) => {
        if (!isDocumentType(descriptor.mediaType))
          return files.write(nameIn(descriptor), verified(descriptor, content));
        await flush();
        last = { descriptor, bytes: await gather(verified(descriptor, content)) };
      },
    },
    options,
  );
  await files.write("version", once(Buffer.from(versionText)));
  if (last) await files.write("manifest.json", once(last.bytes));
  return copied;
}

/** The digest is parsed again, because a name is made from it. */
function nameIn({ digest, mediaType }: Descriptor): string {
  const name = blobFileName(parseDigest(digest));
  return isDocumentType(mediaType) ? `${name}.manifest.json` : name;
}

function blobFileName(digest: Digest): string {
  return digestAlgorithm(digest) === "sha256" ? digestHex(digest) : digest.replace(":", "-");
}

async function gather(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk.slice());
  return Buffer.concat(chunks);
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
