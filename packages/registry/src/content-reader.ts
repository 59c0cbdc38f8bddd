import {
  createDigester,
  type Descriptor,
  type Digest,
  digestAlgorithm,
  type GalleyError,
  wrapError,
} from "@galley/spec";
import { mismatch } from "./verified.ts";

/** Opens content at an offset, as often as it is asked to. */
export type OpenContent = (offsetBytes: number) => Promise<AsyncIterable<Uint8Array>>;

/** Content that is read in ranges, mostly one after the other. */
export interface ContentReader {
  /** Goes on where the last read ended, when that is where it starts; else opens the content anew. */
  read(startBytes: number, endBytes: number): AsyncIterable<Uint8Array>;
  /** Whether it was ever opened. */
  readonly opened: boolean;
  /** Set when the content, and not the one who reads it, is to blame. */
  readonly failure: GalleyError | undefined;
  close(): void;
}

/**
 * Reads content of a descriptor. Every byte is hashed once, however often it is read; the last piece of content that
 * is not what its descriptor says is never given.
 */
export function createContentReader(descriptor: Descriptor, open: OpenContent): ContentReader {
  const digester = createDigester(digestAlgorithm(descriptor.digest));
  let hashedBytes = 0;
  let actual: Digest | undefined;
  let source: Source | undefined;
  let failure: GalleyError | undefined;

  const hash = (bytes: Uint8Array, atBytes: number): void => {
    const known = hashedBytes - atBytes;
    if (known >= bytes.byteLength) return;
    digester.update(known > 0 ? bytes.subarray(known) : bytes);
    hashedBytes = atBytes + bytes.byteLength;
  };
  const checkEnd = async (at: Source): Promise<void> => {
    if (at.rest.byteLength > 0 || !(await at.ended())) throw mismatch(descriptor, `more than ${descriptor.size} bytes`);
    // Once: the last piece may be read again.
    actual ??= digester.digest();
    if (actual !== descriptor.digest) throw mismatch(descriptor, `its digest is ${actual}`);
  };
  const sourceAt = async (startBytes: number): Promise<Source> => {
    if (source && !source.busy && source.positionBytes === startBytes) return source;
    source?.close();
    source = openedAt(startBytes, (await open(startBytes))[Symbol.asyncIterator]());
    return source;
  };
  const pieces = async function* (startBytes: number, endBytes: number): AsyncIterable<Uint8Array> {
    const from = await sourceAt(startBytes);
    from.busy = true;
    try {
      while (from.positionBytes < endBytes) {
        const bytes = await from.next(endBytes - from.positionBytes);
        if (!bytes) throw mismatch(descriptor, `${from.positionBytes} bytes instead of ${descriptor.size}`);
        hash(bytes, from.positionBytes - bytes.byteLength);
        if (from.positionBytes === descriptor.size) await checkEnd(from);
        yield bytes;
      }
    } finally {
      from.busy = false;
    }
  };
  return {
    get opened() {
      return source !== undefined;
    },
    async *read(startBytes, endBytes) {
      try {
        yield* pieces(startBytes, endBytes);
      } catch (error) {
        failure ??= wrapError(`read the content of ${descriptor.digest}`, error);
        throw failure;
      }
    },
    get failure() {
      return failure;
    },
    close: () => source?.close(),
  };
}

interface Source {
  /** Of what was given so far. */
  positionBytes: number;
  /** Of a piece that was longer than asked for. */
  rest: Uint8Array;
  /** Whether somebody is in the middle of reading, or was when he was abandoned. */
  busy: boolean;
  next(maxBytes: number): Promise<Uint8Array | undefined>;
  ended(): Promise<boolean>;
  close(): void;
}

const none = new Uint8Array();

function openedAt(positionBytes: number, iterator: AsyncIterator<Uint8Array>): Source {
  const pull = async (): Promise<Uint8Array | undefined> => {
    for (;;) {
      const { value, done } = await iterator.next();
      if (done) return undefined;
      if (value.byteLength > 0) return value;
    }
  };
  const source: Source = {
    positionBytes,
    rest: none,
    busy: false,
    async next(maxBytes) {
      const bytes = source.rest.byteLength > 0 ? source.rest : await pull();
      if (!bytes) return undefined;
      source.rest = bytes.subarray(maxBytes);
      const given = bytes.subarray(0, maxBytes);
      source.positionBytes += given.byteLength;
      return given;
    },
    ended: async () => (await pull()) === undefined,
    close: () => void iterator.return?.().catch(() => undefined),
  };
  return source;
}
