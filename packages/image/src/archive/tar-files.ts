import { posix } from "node:path";
import { galleyError } from "@galley/spec";
import { maxArchiveEntries, maxExtendedHeaderBytes, maxLinkHops } from "../limits.ts";
import { paxRecords } from "../tar/pax-records.ts";
import { sparseForm } from "../tar/sparse-map.ts";
import { brokenTar } from "../tar/tar-error.ts";
import { blockBytes, type HeaderBlock, type Overrides, overridden, tarHeader } from "../tar/tar-header.ts";
import { tarText } from "../tar/tar-text.ts";
import { type ByteFile, readPiece } from "./byte-file.ts";
import type { NamedFiles } from "./named-files.ts";

/** Where an entry's content is, or the name of the entry it is a link to. */
type Place =
  | { readonly offsetBytes: number; readonly sizeBytes: number; readonly sparse: boolean }
  | { readonly link: string };

/** Options of `tarFiles`. */
export interface TarFilesOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * The files in an uncompressed tar archive, by name: reads headers alone and skips over content. Links lead to other entries
 * of the archive and nowhere else. Of a name that comes twice the first counts, and the second is an error when the name is
 * of a document that says what the archive is.
 *
 * @throws corrupt image.tar, image.truncated; unsupported image.too-many-entries, image.sparse-blob when read
 */
export async function tarFiles(file: ByteFile, options: TarFilesOptions = {}): Promise<NamedFiles> {
  const places = new Map<string, Place>();
  for await (const { name, place } of placesIn(file, options)) {
    if (places.has(name) && name.endsWith(".json") && !name.includes("/")) throw brokenTar(`${name} is in it twice`);
    if (places.size >= maxArchiveEntries) throw tooMany();
    if (!places.has(name)) places.set(name, place);
  }
  return {
    size: async (name) => follow(places, name)?.sizeBytes,
    read: (name, offsetBytes) => {
      const found = follow(places, name);
      if (!found) throw galleyError("not-found", "image.no-entry", `the archive has no ${name}`);
      if (found.sparse)
        throw galleyError("unsupported", "image.sparse-blob", `the archive holds ${name} as a sparse file`);
      return file.read(found.offsetBytes + offsetBytes, Math.max(0, found.sizeBytes - offsetBytes));
    },
  };
}

function follow(places: ReadonlyMap<string, Place>, name: string) {
  let place = places.get(name);
  for (let hops = 0; place && "link" in place; hops += 1) {
    if (hops === maxLinkHops) throw brokenTar(`${name} is a link that leads nowhere`);
    place = places.get(place.link);
  }
  return place;
}

const noOverrides: Overrides = { records: new Map() };

async function* placesIn(file: ByteFile, { signal }: TarFilesOptions): AsyncIterable<{ name: string; place: Place }> {
  const take = createWindow(file);
  let overrides = noOverrides;
  for (let at = 0; at + blockBytes <= file.sizeBytes; ) {
    signal?.throwIfAborted();
    const block = await take(at, blockBytes);
    if (block.every((byte) => byte === 0)) return;
    const header = tarHeader(block);
    const body = at + blockBytes;
    if (extended.has(header.flag)) {
      overrides = { ...overrides, ...(await extension(header, (size) => take(body, size))) };
      at = body + padded(header.storedBytes);
      continue;
    }
    const entry = overridden(header, overrides);
    overrides = noOverrides;
    const found = placeOf(entry, body);
    if (found) yield found;
    at = body + (headerOnly.has(entry.flag) ? 0 : padded(entry.storedBytes));
    if (body + entry.storedBytes > file.sizeBytes && !headerOnly.has(entry.flag))
      throw galleyError("corrupt", "image.truncated", `the archive ends in the middle of ${plainName(entry.name)}`);
  }
}

/** Extended headers of pax and GNU. */
const extended = new Set(["x", "g", "L", "K"]);
/** Links, devices, directories, fifos. */
const headerOnly = new Set(["1", "2", "3", "4", "5", "6"]);

async function extension(
  { flag, storedBytes }: HeaderBlock,
  take: (sizeBytes: number) => Promise<Uint8Array>,
): Promise<Partial<Overrides>> {
  if (storedBytes > maxExtendedHeaderBytes) throw brokenTar(`an extended header has ${storedBytes} bytes`);
  const body = await take(storedBytes);
  if (flag === "x") return { records: paxRecords(body) };
  if (flag === "L") return { longName: tarText(body) };
  return flag === "K" ? { longLinkName: tarText(body) } : {};
}

function placeOf(entry: HeaderBlock, offsetBytes: number): { name: string; place: Place } | undefined {
  const name = plainName(entry.name);
  const directory = posix.dirname(name);
  if (entry.flag === "2") return { name, place: { link: posix.join(directory, entry.linkName) } };
  if (entry.flag === "1") return { name, place: { link: plainName(entry.linkName) } };
  if (headerOnly.has(entry.flag)) return undefined;
  const sparse = sparseForm(entry) !== undefined;
  if (entry.flag === "S")
    throw galleyError("unsupported", "image.sparse-blob", `the archive holds ${name} as a sparse file`);
  return { name, place: { offsetBytes, sizeBytes: entry.storedBytes, sparse } };
}

function plainName(name: string): string {
  return name.replace(/^(?:\.?\/)+/, "");
}

function padded(sizeBytes: number): number {
  return Math.ceil(sizeBytes / blockBytes) * blockBytes;
}

const windowBytes = 64 * 1024;

/** Reads ahead a little, so that many small entries are not as many reads. */
function createWindow(file: ByteFile): (offsetBytes: number, lengthBytes: number) => Promise<Uint8Array> {
  let start = 0;
  let held: Uint8Array = new Uint8Array();
  return async (offsetBytes, lengthBytes) => {
    if (offsetBytes < start || offsetBytes + lengthBytes > start + held.length) {
      const length = Math.max(lengthBytes, Math.min(windowBytes, file.sizeBytes - offsetBytes));
      held = await readPiece(file, offsetBytes, length);
      start = offsetBytes;
    }
    return held.subarray(offsetBytes - start, offsetBytes - start + lengthBytes);
  };
}

function tooMany() {
  const message = `the archive has more than ${maxArchiveEntries} entries`;
  return galleyError("unsupported", "image.too-many-entries", message);
}
