import { createHash } from "node:crypto";
import { closeSync, constants, openSync, readSync } from "node:fs";

/** Files above are told by their size, how much of them is there, and their two ends. */
const wholeBytes = 32 * 1024 * 1024;
const endBytes = 4096;

/** The content of a regular file as a line shows it. */
export function fileText(place: Buffer, sizeBytes: number, storedBytes: number): string {
  const fd = openSync(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (sizeBytes <= wholeBytes) return contentText(readAt(fd, 0, sizeBytes));
    const ends = Buffer.concat([readAt(fd, 0, endBytes), readAt(fd, sizeBytes - endBytes, endBytes)]);
    return hugeText({ sizeBytes, ends, sparse: storedBytes < sizeBytes / 2 });
  } finally {
    closeSync(fd);
  }
}

function readAt(fd: number, position: number, sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  const got = readSync(fd, bytes, 0, sizeBytes, position);
  return bytes.subarray(0, got);
}

/** Content as a line shows it: short text as it is, anything else by length and digest. */
export function contentText(content: Uint8Array | string): string {
  const bytes = Buffer.from(content);
  const text = bytes.toString("latin1");
  if (bytes.length <= 64 && /^[\x20-\x7e\n]*$/.test(text)) return JSON.stringify(text);
  return `${bytes.length} bytes sha256:${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}`;
}

/** A file too long to be read whole, as a line shows it. */
export function hugeText({
  sizeBytes,
  ends,
  sparse,
}: {
  sizeBytes: number;
  ends: Uint8Array;
  sparse: boolean;
}): string {
  return `${sizeBytes} bytes${sparse ? " with holes" : ""}, ends ${contentText(ends)}`;
}
