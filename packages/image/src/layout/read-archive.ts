import { type Descriptor, type Digest, galleyError, type ImageIndex, isDigest, type Pusher } from "@galley/spec";
import { defaultLayerLimits, maxDocumentBytes } from "../limits.ts";
import type { TarEvent, TarHeader } from "../tar/tar-event.ts";
import { createTarReader } from "../tar/tar-reader.ts";

/**
 * Reads an OCI archive (a layout in a tar archive, not compressed) in one pass: pushes every blob, whatever their order,
 * and resolves to the index of the archive. Blobs are verified by the pusher; other files are passed over.
 *
 * @throws not-found image.no-index when there is no `index.json`
 *
 * @example
 * const { manifests } = await readArchive(createReadStream("image.tar"), content);
 */
export async function readArchive(tar: AsyncIterable<Uint8Array>, to: Pusher): Promise<ImageIndex> {
  const events = eventStream(tar);
  let index: Uint8Array | undefined;
  for (let next = await events.next(); !next.done; next = await events.next()) {
    if (next.value.type !== "entry") continue;
    const { header } = next.value;
    const blob = blobOf(header);
    if (header.flag === "0" && plainName(header) === "index.json") index = await readSmall(header, events);
    else if (blob) await to.push(blob, content(events));
  }
  if (!index)
    throw galleyError("not-found", "image.no-index", "the archive has no index.json, so it is no OCI archive");
  const { parseImageIndex } = await import("@galley/spec/schemas");
  return parseImageIndex(index);
}

type Events = AsyncGenerator<TarEvent, void, undefined>;

async function* eventStream(tar: AsyncIterable<Uint8Array>): Events {
  const reader = createTarReader(defaultLayerLimits);
  for await (const chunk of tar) yield* reader.read(chunk);
  reader.end();
}

function plainName({ name }: TarHeader): string {
  return name.replace(/^(?:\.?\/)+/, "");
}

/** Only exact names of blobs are blobs; no path is ever made of a name in an archive. */
function blobOf(header: TarHeader): Descriptor | undefined {
  const [, algorithm, hex] = /^blobs\/([a-z0-9]+)\/([0-9a-f]+)$/.exec(plainName(header)) ?? [];
  const digest = `${algorithm}:${hex}`;
  if (header.flag !== "0" || !isDigest(digest)) return undefined;
  return { mediaType: "application/octet-stream", digest: digest as Digest, size: header.sizeBytes };
}

/** The content of the entry at hand. When its reader stops early, the rest is passed over by the loop above. */
async function* content(events: Events): AsyncIterable<Uint8Array> {
  for (let next = await events.next(); !next.done && next.value.type !== "entryEnd"; next = await events.next())
    if (next.value.type === "data") yield next.value.bytes;
    else throw galleyError("unsupported", "image.sparse-blob", "the archive holds a blob as a sparse file");
}

async function readSmall({ name, sizeBytes }: TarHeader, events: Events): Promise<Uint8Array> {
  if (sizeBytes > maxDocumentBytes)
    throw galleyError("unsupported", "image.too-large", `${name} has ${sizeBytes} bytes`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of content(events)) chunks.push(chunk.slice());
  return Buffer.concat(chunks);
}
