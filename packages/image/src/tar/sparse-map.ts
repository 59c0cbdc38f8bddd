import { decodeName } from "@galley/spec";
import { maxSparsePieces } from "../limits.ts";
import { brokenTar } from "./tar-error.ts";
import { blockBytes, type HeaderBlock } from "./tar-header.ts";
import { paxNumber, tarNumber } from "./tar-number.ts";

/** A piece of a sparse file that holds data. */
export interface SparsePiece {
  readonly offset: number;
  readonly sizeBytes: number;
}

/** Where the map of a sparse entry is (GNU tar manual, "Storing Sparse Files"). */
export type SparseForm =
  | { readonly form: "records"; readonly header: HeaderBlock; readonly pieces: SparsePiece[] }
  | { readonly form: "blocks"; readonly header: HeaderBlock; readonly pieces: SparsePiece[]; readonly more: boolean }
  | { readonly form: "content"; readonly header: HeaderBlock };

/** How an entry is sparse; undefined when it is not. The header comes back with the true name and size. */
export function sparseForm(header: HeaderBlock): SparseForm | undefined {
  if (header.flag === "S") return oldForm(header);
  if (header.flag !== "0") return undefined;
  const { records } = header;
  const version = `${text(records, "GNU.sparse.major")}.${text(records, "GNU.sparse.minor")}`;
  if (version === "1.0") return { form: "content", header: named(header, "GNU.sparse.realsize") };
  const map = text(records, "GNU.sparse.map");
  if (version !== "0.0" && version !== "0.1" && map === "") return undefined;
  return { form: "records", header: named(header, "GNU.sparse.size"), pieces: recordedPieces(map) };
}

function text(records: HeaderBlock["records"], key: string): string {
  return decodeName(records.get(key) ?? new Uint8Array());
}

function named(header: HeaderBlock, sizeKey: string): HeaderBlock {
  const size = header.records.get(sizeKey) ?? header.records.get("GNU.sparse.size");
  if (!size) throw brokenTar("a sparse file has no size");
  return {
    ...header,
    sizeBytes: paxNumber(size, sizeKey),
    name: text(header.records, "GNU.sparse.name") || header.name,
  };
}

function recordedPieces(map: string): SparsePiece[] {
  if (map === "") return [];
  return pairs(map.split(",").map(decimal));
}

/** The old form: four pieces in the header, 21 in each block that follows. */
function oldForm(header: HeaderBlock): SparseForm {
  const { block } = header;
  const sizeBytes = tarNumber(block.subarray(483, 495));
  return {
    form: "blocks",
    header: { ...header, sizeBytes, flag: "0" },
    pieces: blockPieces(block.subarray(386, 482)),
    more: block[482] !== 0,
  };
}

/** The pieces of a following block, and whether yet another follows. */
export function moreSparsePieces(block: Uint8Array): { pieces: SparsePiece[]; more: boolean } {
  return { pieces: blockPieces(block.subarray(0, 504)), more: block[504] !== 0 };
}

function blockPieces(bytes: Uint8Array): SparsePiece[] {
  const pieces: SparsePiece[] = [];
  for (let at = 0; at + 24 <= bytes.length && bytes[at] !== 0; at += 24)
    pieces.push({
      offset: tarNumber(bytes.subarray(at, at + 12)),
      sizeBytes: tarNumber(bytes.subarray(at + 12, at + 24)),
    });
  return pieces;
}

/** The map at the beginning of the content: lines of decimal numbers, the count of pieces first, padded to a block. */
export function contentPieces(bytes: Uint8Array): { pieces: SparsePiece[]; mapBytes: number } | undefined {
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1").split("\n");
  if (lines.length < 2) return undefined;
  const count = decimal(lines[0] ?? "");
  if (count > maxSparsePieces) throw brokenTar(`a sparse file has ${count} pieces`);
  if (lines.length < 2 * count + 2) return undefined;
  const used = lines.slice(0, 2 * count + 1);
  const mapBytes = used.reduce((sum, line) => sum + line.length + 1, 0);
  return { pieces: pairs(used.slice(1).map(decimal)), mapBytes: Math.ceil(mapBytes / blockBytes) * blockBytes };
}

function decimal(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw brokenTar("a sparse map holds something that is no number");
  return Number(text);
}

function pairs(numbers: readonly number[]): SparsePiece[] {
  if (numbers.length % 2 !== 0) throw brokenTar("a sparse map is incomplete");
  return Array.from({ length: numbers.length / 2 }, (_, index) => ({
    offset: numbers[2 * index] ?? 0,
    sizeBytes: numbers[2 * index + 1] ?? 0,
  }));
}

/** Checks that the pieces are in order, inside the file, and hold exactly the stored bytes. */
export function checkPieces(pieces: readonly SparsePiece[], file: { sizeBytes: number; storedBytes: number }): void {
  let end = 0;
  let stored = 0;
  for (const { offset, sizeBytes } of pieces) {
    if (offset < end || sizeBytes < 0 || offset + sizeBytes > file.sizeBytes)
      throw brokenTar("a sparse map is out of order");
    end = offset + sizeBytes;
    stored += sizeBytes;
  }
  if (
    pieces.length > maxSparsePieces ||
    stored !== file.storedBytes ||
    file.sizeBytes < 0 ||
    !Number.isSafeInteger(file.sizeBytes)
  )
    throw brokenTar("a sparse map does not fit its content");
}
