import { isUtf8 } from "node:buffer";
import { galleyError } from "@galley/spec";

/** A text field, which a NUL ends early. */
export function tarText(field: Uint8Array): string {
  const end = field.indexOf(0);
  return decodeName(end < 0 ? field : field.subarray(0, end));
}

/** Names are bytes to the kernel and text to plans: other encodings than UTF-8 are refused rather than changed. */
export function decodeName(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return buffer.toString("utf8");
  const shown = JSON.stringify(buffer.toString("latin1", 0, 120));
  throw galleyError("unsupported", "image.name-encoding", `the layer has a name that is not UTF-8: ${shown}`);
}
