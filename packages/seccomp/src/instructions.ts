import { galleyError } from "@galley/spec";
import { limits } from "./limits.ts";

/** One struct sock_filter. */
export interface Instruction {
  readonly opcode: number;
  readonly skipWhenTrue: number;
  readonly skipWhenFalse: number;
  readonly operand: number;
}

/** Reads a program. Throws `invalid` when it is empty, cut off or longer than the kernel takes. */
export function readInstructions(program: Uint8Array): readonly Instruction[] {
  const count = program.byteLength / 8;
  if (!Number.isInteger(count) || count === 0 || count > limits.instructions) {
    throw galleyError("invalid", "seccomp.program", `${program.byteLength} bytes are not a program of classic BPF`);
  }
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
  return Array.from({ length: count }, (_, index) => ({
    opcode: view.getUint16(index * 8, true),
    skipWhenTrue: view.getUint8(index * 8 + 2),
    skipWhenFalse: view.getUint8(index * 8 + 3),
    operand: view.getUint32(index * 8 + 4, true),
  }));
}
