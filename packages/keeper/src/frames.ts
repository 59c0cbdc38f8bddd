import { galleyError } from "@galley/spec";
import { maximalFrameBytes } from "./limits.ts";

/** Frame types of the attach protocol: below 16 the keeper sends, from 16 on the client. */
export const frameTypes = {
  stdout: 1,
  stderr: 2,
  exited: 3,
  attached: 4,
  hello: 16,
  stdin: 17,
  stdinEnd: 18,
  resize: 19,
  acknowledge: 20,
} as const;

const headerBytes = 8;
const nothing = new Uint8Array(0);

/**
 * The header of a frame: u8 type, three zero bytes, u32 little-endian payload length.
 *
 * @example
 * frameHeader(frameTypes.stdin, 5); // 11 00 00 00 05 00 00 00
 */
export function frameHeader(type: number, lengthBytes: number): Uint8Array {
  const header = new Uint8Array(headerBytes);
  header[0] = type;
  new DataView(header.buffer).setUint32(4, lengthBytes, true);
  return header;
}

/** A whole frame with a small payload. */
export function encodeFrame(type: number, payload: Uint8Array = nothing): Uint8Array {
  const frame = new Uint8Array(headerBytes + payload.length);
  frame.set(frameHeader(type, payload.length));
  frame.set(payload, headerBytes);
  return frame;
}

/** A piece of a frame's payload: output is passed on as it comes, so one frame may give several pieces. */
export interface FramePiece {
  readonly type: number;
  readonly bytes: Uint8Array;
  /** Whether the frame ends with this piece. */
  readonly last: boolean;
}

/**
 * Cuts a byte stream into frames, without copying payloads. Call the result with each chunk.
 *
 * @throws GalleyError `corrupt` for a header that no keeper sends.
 * @example
 * const decode = frameDecoder(); for (const piece of decode(chunk)) …
 */
export function frameDecoder(): (chunk: Uint8Array) => FramePiece[] {
  const header = new Uint8Array(headerBytes);
  let headerGot = 0;
  let payloadLeft = 0;

  return (chunk) => {
    const pieces: FramePiece[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (headerGot < headerBytes) {
        const part = chunk.subarray(at, at + headerBytes - headerGot);
        header.set(part, headerGot);
        headerGot += part.length;
        at += part.length;
        if (headerGot < headerBytes) break;
        payloadLeft = payloadLength(header);
        if (payloadLeft > 0) continue;
      }
      const bytes = chunk.subarray(at, at + payloadLeft);
      at += bytes.length;
      payloadLeft -= bytes.length;
      pieces.push({ type: header[0] as number, bytes, last: payloadLeft === 0 });
      if (payloadLeft === 0) headerGot = 0;
    }
    return pieces;
  };
}

function payloadLength(header: Uint8Array): number {
  const length = new DataView(header.buffer).getUint32(4, true);
  const type = header[0] as number;
  const known = type >= frameTypes.stdout && type <= frameTypes.attached;
  if (known && header[1] === 0 && header[2] === 0 && header[3] === 0 && length <= maximalFrameBytes) return length;
  throw galleyError("corrupt", "keeper.bad-frame", `read the attach stream: frame of type ${type} and ${length} bytes`);
}
