import { chunkBytes } from "../limits.ts";
import type { LayerChange } from "./layer-change.ts";

const zeros = new Uint8Array(chunkBytes);
/** Less is not worth a hole. */
const leastBytes = 16 * 1024;

/** Archives rarely say where a file had holes: what is nothing but zeros takes no disk, and no bomb of them does. */
export function zerosAsHole(change: LayerChange): LayerChange {
  return change.type === "data" && isZero(change.bytes) ? { type: "hole", sizeBytes: change.bytes.length } : change;
}

function isZero(bytes: Uint8Array): boolean {
  if (bytes.length < leastBytes || bytes[0] !== 0 || bytes.at(-1) !== 0) return false;
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const piece = bytes.subarray(at, at + chunkBytes);
    if (Buffer.compare(piece, zeros.subarray(0, piece.length)) !== 0) return false;
  }
  return true;
}
