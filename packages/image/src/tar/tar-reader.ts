import { galleyError } from "@galley/spec";
import { maxExtendedHeaderBytes, maxSparseMapBytes, maxSparsePieces } from "../limits.ts";
import { type Cursor, createGather } from "./gather.ts";
import { paxRecords } from "./pax-records.ts";
import {
  checkPieces,
  contentPieces,
  moreSparsePieces,
  type SparseForm,
  type SparsePiece,
  sparseForm,
} from "./sparse-map.ts";
import { brokenTar, truncatedTar } from "./tar-error.ts";
import type { TarEvent } from "./tar-event.ts";
import { blockBytes, type HeaderBlock, overridden, tarHeader } from "./tar-header.ts";
import { tarText } from "./tar-text.ts";

/** Reads an archive that is pushed in chunk by chunk. */
export interface TarReader {
  /** What the chunk tells. Data are views into it. */
  read(chunk: Uint8Array): TarEvent[];
  /** Says that the input has ended. Throws corrupt `image.truncated` in the middle of an entry. */
  end(): void;
}

/** Takes from the cursor; false when it wants more input. */
type Phase = (cursor: Cursor) => boolean;

/**
 * A reader of tar archives as Go's archive/tar reads them, on which the field agrees: the first two empty blocks end the
 * archive whatever follows, entries other than files have no content whatever their size says, global pax headers say
 * nothing about entries. Extended headers and sparse files are resolved. Memory is bounded by the largest header.
 */
export function createTarReader({ maxArchiveBytes }: { readonly maxArchiveBytes: number }): TarReader {
  const gather = createGather();
  let events: TarEvent[] = [];
  let overrides: Parameters<typeof overridden>[1] = { records: new Map() };
  let emptyBlocks = 0;
  let readBytes = 0;

  const header: Phase = (cursor) => {
    const block = gather.take(cursor, blockBytes);
    if (!block) return false;
    if (isEmpty(block)) {
      emptyBlocks += 1;
      if (emptyBlocks === 2) phase = trailer;
      return true;
    }
    if (emptyBlocks > 0) throw brokenTar("an empty block is followed by one that is not");
    begin(tarHeader(block));
    return true;
  };

  const trailer: Phase = (cursor) => {
    cursor.at = cursor.bytes.length;
    return false;
  };

  const begin = (found: HeaderBlock) => {
    if (found.flag === "x") return gatherBody(found, (body) => keep({ records: paxRecords(body) }));
    if (found.flag === "L") return gatherBody(found, (body) => keep({ longName: tarText(body) }));
    if (found.flag === "K") return gatherBody(found, (body) => keep({ longLinkName: tarText(body) }));
    if (found.flag === "g") return gatherBody(found, () => {});
    const entry = overridden(found, overrides);
    overrides = { records: new Map() };
    const sparse = sparseForm(entry);
    if (sparse) return beginSparse(sparse);
    const storedBytes = headerOnly.has(entry.flag) ? 0 : entry.storedBytes;
    beginContent({ ...entry, storedBytes, sizeBytes: storedBytes }, undefined);
  };

  const keep = (more: Partial<typeof overrides>) => {
    overrides = { ...overrides, ...more };
  };

  /** The body of an extended header, whole. */
  const gatherBody = ({ storedBytes }: HeaderBlock, use: (body: Uint8Array) => void) => {
    if (storedBytes > maxExtendedHeaderBytes) throw brokenTar(`an extended header has ${storedBytes} bytes`);
    phase = (cursor) => {
      const body = gather.take(cursor, storedBytes);
      if (!body) return false;
      use(new Uint8Array(body)); // kept beyond the chunk that it came in
      phase = skip(paddingOf(storedBytes), header);
      return true;
    };
  };

  const beginSparse = (sparse: SparseForm) => {
    if (sparse.form === "records") return beginContent(sparse.header, sparse.pieces);
    phase = sparse.form === "blocks" ? mapBlocks(sparse) : mapInContent(sparse.header);
  };

  const mapBlocks = (sparse: Extract<SparseForm, { form: "blocks" }>): Phase => {
    const pieces = [...sparse.pieces];
    let { more } = sparse;
    return (cursor) => {
      if (!more) {
        beginContent(sparse.header, pieces);
        return true;
      }
      const block = gather.take(cursor, blockBytes);
      if (!block) return false;
      const next = moreSparsePieces(block);
      more = next.more;
      pieces.push(...next.pieces);
      if (pieces.length > maxSparsePieces) throw brokenTar("a sparse file has too many pieces");
      return true;
    };
  };

  const mapInContent = (entry: HeaderBlock): Phase => {
    const blocks: Uint8Array[] = [];
    let lines = 0;
    const unreasonable = () => blocks.length * blockBytes > maxSparseMapBytes;
    return (cursor) => {
      const block = gather.take(cursor, blockBytes);
      if (!block) return false;
      blocks.push(new Uint8Array(block));
      lines += block.reduce((count, byte) => count + (byte === 0x0a ? 1 : 0), 0);
      // The first line counts the pieces; each has two lines more.
      const first = Buffer.from(blocks[0] ?? block)
        .toString("latin1", 0, 16)
        .split("\n");
      if (first.length < 2) throw brokenTar("a sparse map has no count");
      if (unreasonable()) throw brokenTar("a sparse map is too long");
      if (lines < 2 * Number(first[0]) + 1 && blocks.length * blockBytes < entry.storedBytes) return true;
      const map = contentPieces(Buffer.concat(blocks));
      if (!map || map.mapBytes !== blocks.length * blockBytes) throw brokenTar("a sparse map is incomplete");
      beginContent({ ...entry, storedBytes: entry.storedBytes - map.mapBytes }, map.pieces);
      return true;
    };
  };

  const beginContent = (
    { block: _, storedBytes, ...entry }: HeaderBlock,
    pieces: readonly SparsePiece[] | undefined,
  ) => {
    if (pieces) checkPieces(pieces, { sizeBytes: entry.sizeBytes, storedBytes });
    events.push({ type: "entry", header: entry });
    phase = content(storedBytes, pieces ? sparseWriter(pieces, entry.sizeBytes) : plainWriter);
  };

  const content = (storedBytes: number, writer: ContentWriter): Phase => {
    let left = storedBytes;
    return (cursor) => {
      const bytes = cursor.bytes.subarray(cursor.at, cursor.at + Math.min(left, cursor.bytes.length - cursor.at));
      cursor.at += bytes.length;
      left -= bytes.length;
      if (bytes.length > 0) writer.write(bytes, events);
      if (left > 0) return false;
      writer.end(events);
      events.push({ type: "entryEnd" });
      phase = skip(paddingOf(storedBytes), header);
      return true;
    };
  };

  /** Padding may be missing at the very end of an archive, so it is skipped on the way to the next header. */
  const skip = (sizeBytes: number, next: Phase): Phase => {
    let left = sizeBytes;
    const skipping: Phase = (cursor) => {
      const some = Math.min(left, cursor.bytes.length - cursor.at);
      cursor.at += some;
      left -= some;
      if (left === 0) phase = next;
      return left === 0;
    };
    resting.add(skipping);
    return sizeBytes === 0 ? next : skipping;
  };

  const resting = new WeakSet<Phase>([header, trailer]);
  let phase: Phase = header;
  return {
    read: (chunk) => {
      readBytes += chunk.length;
      if (readBytes > maxArchiveBytes) throw tooLarge(maxArchiveBytes);
      const cursor = { bytes: chunk, at: 0 };
      while (phase(cursor)) if (cursor.at === chunk.length && resting.has(phase)) break;
      const told = events;
      events = [];
      return told;
    },
    end: () => {
      if (gather.partial) throw truncatedTar("a header");
      if (!resting.has(phase)) throw truncatedTar("an entry");
    },
  };
}

/** Links, devices, directories, fifos. */
const headerOnly = new Set(["1", "2", "3", "4", "5", "6"]);

interface ContentWriter {
  write(bytes: Uint8Array, events: TarEvent[]): void;
  end(events: TarEvent[]): void;
}

const plainWriter: ContentWriter = {
  write: (bytes, events) => events.push({ type: "data", bytes }),
  end: () => {},
};

/** Puts holes between the pieces; the stored bytes are exactly those of the pieces, which was checked. */
function sparseWriter(pieces: readonly SparsePiece[], sizeBytes: number): ContentWriter {
  let index = 0;
  let position = 0;
  const holeUpTo = (offset: number, events: TarEvent[]) => {
    if (offset > position) events.push({ type: "hole", sizeBytes: offset - position });
    position = offset;
  };
  const write = (bytes: Uint8Array, events: TarEvent[]) => {
    for (let used = 0; used < bytes.length; ) {
      const piece = pieces[index] ?? { offset: position, sizeBytes: bytes.length };
      if (position < piece.offset) holeUpTo(piece.offset, events);
      const some = bytes.subarray(used, used + piece.offset + piece.sizeBytes - position);
      if (some.length > 0) events.push({ type: "data", bytes: some });
      position += some.length;
      used += some.length;
      if (position >= piece.offset + piece.sizeBytes) index += 1;
    }
  };
  return { write, end: (events) => holeUpTo(sizeBytes, events) };
}

function paddingOf(sizeBytes: number): number {
  return (blockBytes - (sizeBytes % blockBytes)) % blockBytes;
}

function isEmpty(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

function tooLarge(maxArchiveBytes: number) {
  return galleyError("unsupported", "image.too-large", `the layer's archive has more than ${maxArchiveBytes} bytes`);
}
