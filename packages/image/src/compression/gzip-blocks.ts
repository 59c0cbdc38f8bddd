import { availableParallelism } from "node:os";
import { constants, crc32, deflateRaw } from "node:zlib";

/** How far a match may reach back (RFC 1951, 2): what a block may refer to in those before it. */
const windowBytes = 32 * 1024;
const blockBytes = 1024 * 1024;
/** The most that one stored block holds (RFC 1951, 3.2.4). */
const storedBytes = 0xffff;
/** Zlib's own, as Node has it. */
const usualLevel = 6;
const maxInFlight = 8;

/** RFC 1952, 2.3: deflate, no time, no name, no operating system, so that the same bytes are the same everywhere. */
const header = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);
/** An empty last block with fixed codes (RFC 1951, 3.2.3). */
const lastBlock = Uint8Array.of(3, 0);

/**
 * Compresses a stream with gzip, several blocks at a time on as many processors; each block knows the end of the one before it. A
 * block that looks random is stored as it is: trying costs most where it gains nothing. One gzip member; the same bytes in give
 * the same bytes out, however many processors there are.
 */
export async function* gzipBlocks(
  input: AsyncIterable<Uint8Array>,
  level: number = usualLevel,
): AsyncIterable<Uint8Array> {
  const inFlight = Math.min(maxInFlight, availableParallelism() + 1);
  const queue: Promise<Uint8Array>[] = [];
  let [checksum, sizeBytes] = [0, 0];
  let before: Uint8Array | undefined;
  yield header;
  for await (const block of inBlocks(input, inFlight + 1)) {
    checksum = crc32(block, checksum);
    sizeBytes += block.length;
    const deflated = deflateBlock(block, { level, before });
    deflated.catch(() => {}); // it is awaited below, unless the input fails first
    queue.push(deflated);
    before = block.slice(Math.max(0, block.length - windowBytes));
    const [first] = queue;
    if (first && queue.length >= inFlight) yield await first;
    if (queue.length >= inFlight) queue.shift();
  }
  for (const deflated of queue) yield await deflated;
  yield lastBlock;
  yield trailer(checksum, sizeBytes);
}

/** Blocks of one size, the last one shorter, in memory that is used again after so many of them. */
async function* inBlocks(input: AsyncIterable<Uint8Array>, buffers: number): AsyncIterable<Uint8Array> {
  const ring: Uint8Array[] = [];
  const take = (): Uint8Array => (ring.length < buffers ? new Uint8Array(blockBytes) : (ring.shift() as Uint8Array));
  let block = take();
  let filled = 0;
  for await (const chunk of input) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + blockBytes - filled);
      block.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < blockBytes) continue;
      yield block;
      ring.push(block);
      block = take();
      filled = 0;
    }
  }
  if (filled > 0) yield block.subarray(0, filled);
}

/** Raw deflate that ends on a byte's boundary and is not the last. */
async function deflateBlock(
  block: Uint8Array,
  { level, before }: { readonly level: number; readonly before: Uint8Array | undefined },
): Promise<Uint8Array> {
  if (looksRandom(block)) return storeBlock(block);
  const options = {
    level,
    finishFlush: constants.Z_SYNC_FLUSH,
    chunkSize: blockBytes / 2,
    ...(before ? { dictionary: before } : {}),
  };
  return new Promise((resolve, reject) => {
    deflateRaw(block, options, (error, deflated) => (error ? reject(error) : resolve(deflated)));
  });
}

/** As it is, in stored blocks (RFC 1951, 3.2.4): type 0, its length, and the length's complement. */
function storeBlock(block: Uint8Array): Uint8Array {
  const parts = Math.ceil(block.length / storedBytes);
  const stored = Buffer.allocUnsafeSlow(block.length + 5 * parts);
  for (let from = 0, to = 0; from < block.length; from += storedBytes) {
    const part = block.subarray(from, from + storedBytes);
    stored[to] = 0;
    stored.writeUInt16LE(part.length, to + 1);
    stored.writeUInt16LE(part.length ^ storedBytes, to + 3);
    stored.set(part, to + 5);
    to += 5 + part.length;
  }
  return stored;
}

const sampleBytes = 4096;
const sampleEveryBytes = 64 * 1024;
/** Bits a byte; compressed and encrypted bytes have 7.98 and more in samples of 64 KiB, programs 6, text 5. */
const randomBits = 7.95;

/** Order-0 entropy of samples. Short blocks never do: their samples are too few to tell. */
function looksRandom(block: Uint8Array): boolean {
  if (block.length < blockBytes) return false;
  const counts = new Uint32Array(256);
  let total = 0;
  for (let start = 0; start < block.length; start += sampleEveryBytes) {
    for (let at = start; at < start + sampleBytes; at++) {
      const byte = block[at] ?? 0;
      counts[byte] = (counts[byte] ?? 0) + 1;
    }
    total += sampleBytes;
  }
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= (count / total) * Math.log2(count / total);
  return bits > randomBits;
}

function trailer(checksum: number, sizeBytes: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(checksum, 0);
  bytes.writeUInt32LE(sizeBytes % 2 ** 32, 4);
  return bytes;
}
