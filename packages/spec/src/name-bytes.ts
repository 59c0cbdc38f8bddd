import { isUtf8 } from "node:buffer";

/** Bytes 0x80 to 0xff, where they are no UTF-8, become the low surrogates U+DC80 to U+DCFF. */
const escapeBase = 0xdc00;

/**
 * A name that came from a kernel or an archive, as text. Names are bytes to Linux (path_resolution(7)); nearly all are
 * UTF-8 and become what they say. A byte that is no UTF-8 becomes half a surrogate pair, U+DC80 to U+DCFF, which occurs in
 * no other text: so the result splits, compares and joins at "/" as any path, `JSON.stringify` escapes it,
 * and `encodeName` gives back the exact bytes. `node:fs` would damage it: hand it `encodeName(name)`.
 *
 * @example
 * decodeName(Uint8Array.of(0x63, 0x61, 0x66, 0xe9)); // "caf\udce9"
 */
export function decodeName(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return buffer.toString("utf8");
  let name = "";
  for (let at = 0; at < buffer.length; ) {
    const length = characterBytes(buffer, at);
    name +=
      length === 0 ? String.fromCharCode(escapeBase + (buffer[at] ?? 0)) : buffer.toString("utf8", at, at + length);
    at += length === 0 ? 1 : length;
  }
  return name;
}

/** How many bytes the UTF-8 character has that begins there; 0 when none does. */
function characterBytes(buffer: Buffer, at: number): number {
  const lead = buffer[at] ?? 0;
  const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  return isUtf8(buffer.subarray(at, at + length)) ? length : 0;
}

/**
 * The bytes of a name that `decodeName` read; of other text its UTF-8. Half a surrogate pair that stands for no byte
 * becomes U+FFFD, as everywhere: ask `isName` where that must not happen.
 *
 * @example
 * encodeName("caf\udce9"); // 63 61 66 e9
 */
export function encodeName(name: string): Uint8Array {
  if (name.isWellFormed()) return Buffer.from(name, "utf8");
  const parts = name.split(rawBytes).map((part, index) => (index % 2 === 0 ? Buffer.from(part, "utf8") : raw(part)));
  return Buffer.concat(parts);
}

/** With the flag u a pair is one character, so these are the halves that stand alone. */
const rawBytes = /([\udc80-\udcff]+)/u;

function raw(part: string): Uint8Array {
  return Uint8Array.from(part, (half) => half.charCodeAt(0) - escapeBase);
}

/** How many bytes `encodeName` gives: what the kernel's limits on names count. */
export function nameBytes(name: string): number {
  return name.isWellFormed() ? Buffer.byteLength(name) : encodeName(name).length;
}

/** Whether the text is a name of exact bytes: it has no half of a surrogate pair but those that `decodeName` makes. */
export function isName(text: string): boolean {
  return text.isWellFormed() || !/[\ud800-\udc7f\udd00-\udfff]/u.test(text);
}
