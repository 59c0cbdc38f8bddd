import { decodeName, galleyError } from "@galley/spec";

/** Types of the records that the program `walk` writes; `native/walk.c` describes their payloads. */
export const walkRecords = { entry: 1, content: 2, whole: 3, problem: 4, end: 5, hole: 6 } as const;

export interface WalkRecord {
  readonly type: number;
  readonly payload: Buffer;
}

/** What an entry is; the format bits of inode(7). */
export type TreeEntryType = "file" | "directory" | "symlink" | "character" | "block" | "fifo" | "socket";

/** What walk tells about one file of whatever type. */
export interface TreeStatus {
  /** Beneath the root without a leading slash, "" for the root itself; exact, bytes that are no UTF-8 as `decodeName` of `@galley/spec` has them. */
  readonly path: string;
  readonly type: TreeEntryType;
  /** Permissions with setuid, setgid and sticky: 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  /** What it takes on the disk: less than its size where it has holes, more for its last block. */
  readonly allocatedBytes: number;
  /** Seconds since 1970, may be negative; nanoseconds 0 to 999999999 on top. */
  readonly mtimeSeconds: number;
  readonly mtimeNanoseconds: number;
  /** What a character or block device stands for. */
  readonly device: { readonly major: number; readonly minor: number };
  /** Which file system this is on, and which file it is there: equal for the names of one file. */
  readonly fileSystem: { readonly major: number; readonly minor: number };
  readonly inode: bigint;
  /** How many names the file has. */
  readonly links: number;
  /** Where a symbolic link points, exact as the path. */
  readonly linkTarget: string | undefined;
  /** Empty unless asked for. */
  readonly xattrs: ReadonlyMap<string, Buffer>;
}

const headerBytes = 8;
/** A path of 4096 names, a link and what xattr(7) allows for one file fit. */
const maximalPayloadBytes = 64 * 1024 * 1024;
const fixedEntryBytes = 80;

const types: ReadonlyMap<number, TreeEntryType> = new Map([
  [0o100000, "file"],
  [0o040000, "directory"],
  [0o120000, "symlink"],
  [0o020000, "character"],
  [0o060000, "block"],
  [0o010000, "fifo"],
  [0o140000, "socket"],
]);

/** Cuts a byte stream into records. Call the result with each chunk; payloads are views of it where they can be. */
export function walkRecordDecoder(): (chunk: Buffer) => WalkRecord[] {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let neededBytes = headerBytes;
  return (chunk) => {
    waiting.push(chunk);
    waitingBytes += chunk.length;
    if (waitingBytes < neededBytes) return [];
    const bytes = waiting.length === 1 ? chunk : Buffer.concat(waiting, waitingBytes);
    const records: WalkRecord[] = [];
    let at = 0;
    neededBytes = headerBytes;
    while (bytes.length - at >= headerBytes) {
      const end = at + headerBytes + payloadLength(bytes, at);
      if (end > bytes.length) {
        neededBytes = end - at;
        break;
      }
      records.push({ type: bytes[at] as number, payload: bytes.subarray(at + headerBytes, end) });
      at = end;
    }
    waiting = at < bytes.length ? [bytes.subarray(at)] : [];
    waitingBytes = bytes.length - at;
    return records;
  };
}

function payloadLength(bytes: Buffer, at: number): number {
  const type = bytes.readUInt32LE(at);
  const length = bytes.readUInt32LE(at + 4);
  if (type >= walkRecords.entry && type <= walkRecords.hole && length <= maximalPayloadBytes) return length;
  throw corrupt(`a record of type ${type} and ${length} bytes`);
}

/**
 * Reads an entry record's payload. What it gives are copies: they stay valid.
 *
 * @throws GalleyError `corrupt` for what walk does not write.
 */
export function parseTreeStatus(payload: Buffer): TreeStatus {
  if (payload.length < fixedEntryBytes) throw corrupt("a short entry");
  const bytes = Buffer.from(payload);
  const u32 = (at: number): number => bytes.readUInt32LE(at);
  const type = types.get(u32(0) & 0o170000);
  const pathEnd = fixedEntryBytes + u32(68);
  const targetEnd = pathEnd + u32(72);
  if (type === undefined || targetEnd > bytes.length) throw corrupt("a broken entry");
  return {
    path: decodeName(bytes.subarray(fixedEntryBytes, pathEnd)),
    type,
    mode: u32(0) & 0o7777,
    uid: u32(4),
    gid: u32(8),
    links: u32(12),
    sizeBytes: Number(bytes.readBigUInt64LE(16)),
    mtimeSeconds: Number(bytes.readBigInt64LE(24)),
    mtimeNanoseconds: u32(32),
    device: { major: u32(36), minor: u32(40) },
    fileSystem: { major: u32(44), minor: u32(48) },
    inode: bytes.readBigUInt64LE(52),
    allocatedBytes: Number(bytes.readBigUInt64LE(60)),
    linkTarget: type === "symlink" ? decodeName(bytes.subarray(pathEnd, targetEnd)) : undefined,
    xattrs: parseXattrs(bytes, targetEnd, u32(76)),
  };
}

function parseXattrs(bytes: Buffer, start: number, count: number): ReadonlyMap<string, Buffer> {
  const xattrs = new Map<string, Buffer>();
  let at = start;
  for (let index = 0; index < count; index++) {
    if (at + 8 > bytes.length) throw corrupt("broken extended attributes");
    const valueAt = at + 8 + bytes.readUInt32LE(at);
    const end = valueAt + bytes.readUInt32LE(at + 4);
    if (end > bytes.length) throw corrupt("broken extended attributes");
    xattrs.set(decodeName(bytes.subarray(at + 8, valueAt)), bytes.subarray(valueAt, end));
    at = end;
  }
  if (at !== bytes.length) throw corrupt("an entry that is too long");
  return xattrs;
}

/** What a problem record says. */
export interface WalkProblem {
  readonly errno: number;
  /** Exact, as `TreeStatus.path`. */
  readonly path: string;
  /** "open", "read the link", … */
  readonly doing: string;
}

export function parseWalkProblem(payload: Buffer): WalkProblem {
  if (payload.length < 8) throw corrupt("a short problem");
  const pathEnd = 8 + payload.readUInt32LE(4);
  if (pathEnd > payload.length) throw corrupt("a broken problem");
  const path = decodeName(payload.subarray(8, pathEnd));
  return { errno: payload.readUInt32LE(0), path, doing: payload.toString("utf8", pathEnd) };
}

/** The number of bytes and the errno of a whole record. */
export function parseWhole(payload: Buffer): { readBytes: number; errno: number } {
  if (payload.length !== 12) throw corrupt("a broken end of content");
  return { readBytes: Number(payload.readBigUInt64LE(0)), errno: payload.readUInt32LE(8) };
}

/** The number of bytes of a hole. */
export function parseHole(payload: Buffer): number {
  if (payload.length !== 8) throw corrupt("a broken hole");
  return Number(payload.readBigUInt64LE(0));
}

export function corrupt(what: string): Error {
  return galleyError("corrupt", "stage.bad-walk-record", `read the output of walk: ${what}`);
}
