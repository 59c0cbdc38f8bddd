import { encodeName } from "@galley/spec";
import type { Fill, ForgedEntry, ForgedField } from "./forged-entry.ts";
import { paxBody } from "./pax-record.ts";

/**
 * A tar archive of forged entries, with its two empty blocks.
 *
 * @example
 * const archive = forge({ name: "../escape", content: "x" }, { name: "null", flag: "3", major: 1, minor: 3 });
 */
export function forge(...entries: readonly ForgedEntry[]): Uint8Array {
  return Buffer.concat([...entries.map(forgeEntry), endBlocks]);
}

/** The two empty blocks that end an archive. */
export const endBlocks: Uint8Array = new Uint8Array(1024);

/**
 * The blocks of one forged entry.
 *
 * @example
 * const unfinished = forgeEntry({ name: "a", content: "x" });
 */
export function forgeEntry(entry: ForgedEntry): Uint8Array {
  return Buffer.concat([...entryChunks(entry)]);
}

const blockBytes = 512;
const zeros = new Uint8Array(1024 * 1024);

/** The bytes of an entry piece by piece: content of zeros is never there as a whole. */
export function* entryChunks(entry: ForgedEntry): Iterable<Uint8Array> {
  const { pax, content, ...rest } = entry;
  if (pax) yield* entryChunks({ name: "pax", flag: "x", content: paxBody(Object.entries(pax)) });
  const sizeBytes = contentBytes(content);
  yield header(rest, sizeBytes);
  yield* contentChunks(content);
  yield zeros.subarray(0, (blockBytes - (sizeBytes % blockBytes)) % blockBytes);
}

function isFill(content: ForgedEntry["content"]): content is Fill {
  return typeof content === "object" && "fillBytes" in content;
}

function contentBytes(content: ForgedEntry["content"] = ""): number {
  if (isFill(content)) return content.fillBytes;
  return typeof content === "string" ? encodeName(content).length : content.length;
}

function* contentChunks(content: ForgedEntry["content"] = ""): Iterable<Uint8Array> {
  if (isFill(content)) yield* fillChunks(content);
  else yield typeof content === "string" ? encodeName(content) : content;
}

/** Fill piece by piece. */
export function* fillChunks({ fillBytes, fill = "\0" }: Fill): Iterable<Uint8Array> {
  const piece = fill === "\0" ? zeros : Buffer.alloc(zeros.length, fill);
  for (let left = fillBytes; left > 0; left -= piece.length) yield piece.subarray(0, Math.min(left, piece.length));
}

function header(entry: ForgedEntry, sizeBytes: number): Uint8Array {
  const block = Buffer.alloc(blockBytes);
  const put = (value: string | Uint8Array, at: number) =>
    void Buffer.from(typeof value === "string" ? encodeName(value) : value).copy(block, at);
  const number = (value: ForgedField, at: number, length: number) =>
    put(typeof value === "number" ? octal(value, length) : value, at);
  put(entry.name ?? "file", 0);
  number(entry.mode ?? 0o644, 100, 8);
  number(entry.uid ?? 0, 108, 8);
  number(entry.gid ?? 0, 116, 8);
  number(entry.size ?? sizeBytes, 124, 12);
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

/** As octal text where that fits, in base-256 where not. */
function octal(value: number, length: number): string | Uint8Array {
  const digits = value.toString(8);
  return digits.length < length ? `${digits.padStart(length - 1, "0")}\0` : base256(BigInt(value), length);
}

/**
 * A number in base-256, as GNU tar writes what octal cannot hold.
 *
 * @example
 * forge({ uid: base256(-1n, 8) });
 */
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
