import { paxRecord } from "../tar/tar-writer.ts";

/** An entry as raw as a header can be: everything may be illegal. */
export interface ForgedEntry {
  readonly name?: string | Uint8Array;
  readonly flag?: string;
  readonly mode?: number | string | Uint8Array;
  readonly uid?: number | string | Uint8Array;
  readonly gid?: number | string | Uint8Array;
  readonly size?: number | string | Uint8Array;
  readonly mtime?: number | string | Uint8Array;
  readonly linkName?: string | Uint8Array;
  readonly major?: number | string | Uint8Array;
  readonly minor?: number | string | Uint8Array;
  readonly magic?: string;
  readonly prefix?: string;
  readonly content?: Uint8Array | string;
  /** Left out: the right one. */
  readonly checksum?: string;
  /** Written as a pax header before the entry. */
  readonly pax?: Readonly<Record<string, string | Uint8Array>>;
  /** Any field, as text at a byte offset of the header. */
  readonly raw?: Readonly<Record<number, string | Uint8Array>>;
}

/** A tar archive of forged entries, with its two empty blocks. */
export function forge(...entries: readonly ForgedEntry[]): Uint8Array {
  return Buffer.concat([...entries.map(forgeEntry), new Uint8Array(1024)]);
}

/** The blocks of one forged entry. */
export function forgeEntry(entry: ForgedEntry): Uint8Array {
  if (entry.pax) {
    const { pax, ...rest } = entry;
    const content = Buffer.concat(Object.entries(pax).map(([key, value]) => paxRecord(key, value)));
    return Buffer.concat([forgeEntry({ name: "pax", flag: "x", content }), forgeEntry(rest)]);
  }
  const content = typeof entry.content === "string" ? Buffer.from(entry.content) : (entry.content ?? new Uint8Array());
  return Buffer.concat([header(entry, content.length), content, new Uint8Array((512 - (content.length % 512)) % 512)]);
}

function header(entry: ForgedEntry, contentBytes: number): Uint8Array {
  const block = Buffer.alloc(512);
  const put = (value: string | Uint8Array, at: number) => Buffer.from(value as string).copy(block, at);
  const number = (value: number | string | Uint8Array, at: number, length: number) =>
    put(typeof value === "number" ? `${value.toString(8).padStart(length - 1, "0")}\0` : value, at);
  put(entry.name ?? "file", 0);
  number(entry.mode ?? 0o644, 100, 8);
  number(entry.uid ?? 0, 108, 8);
  number(entry.gid ?? 0, 116, 8);
  number(entry.size ?? contentBytes, 124, 12);
  number(entry.mtime ?? 0, 136, 12);
  put(entry.flag ?? "0", 156);
  put(entry.linkName ?? "", 157);
  put(entry.magic ?? "ustar\x0000", 257);
  number(entry.major ?? 0, 329, 8);
  number(entry.minor ?? 0, 337, 8);
  put(entry.prefix ?? "", 345);
  for (const [at, value] of Object.entries(entry.raw ?? {})) put(value, Number(at));
  block.fill(" ", 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(entry.checksum ?? `${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

/** A number in base-256, as GNU tar writes what octal cannot hold. */
export function base256(value: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = BigInt.asUintN(8 * length - 1, value) | (value < 0n ? 1n << BigInt(8 * length - 2) : 0n);
  for (let at = length - 1; at >= 0; at -= 1) {
    bytes[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  bytes[0] = (bytes[0] ?? 0) | 0x80;
  return bytes;
}

/** A stream of some bytes in pieces of some size. */
export async function* inPieces(bytes: Uint8Array, pieceBytes = bytes.length || 1): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

/** All chunks of a stream in one. */
export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** All items of a stream of batches. */
export async function flatten<Item>(batches: AsyncIterable<readonly Item[]>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const batch of batches) items.push(...batch);
  return items;
}
