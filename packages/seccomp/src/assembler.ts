import { galleyError } from "@galley/spec";
import { limits } from "./limits.ts";
import { opcodes } from "./opcodes.ts";

/** The place of an instruction, counted from the end of the program. */
export type Address = number;

/** Builds a program of classic BPF from its end to its start. */
export interface Assembler {
  /** A place that returns this number; shared while one is near. */
  answer(value: number): Address;
  /** Compares the accumulator and goes to one of two places. */
  branch(opcode: number, operand: number, whenTrue: Address, whenFalse: Address): Address;
  /** An instruction that goes on with the one added before it. */
  before(opcode: number, operand: number): Address;
  /** The program: struct sock_filter[], little-endian. Throws `invalid` when the kernel would find it too long. */
  finish(): Uint8Array;
}

/** A conditional jump skips at most 255 instructions; less two, because a branch may first need two long jumps. */
const reachOfBranch = 253;

/**
 * Makes an assembler. BPF jumps only forward: seen from the end, every target is there before the jump to it, so
 * each offset is known at once, and a jump too far for its 8 bits gets a long one put in between.
 */
export function createAssembler(): Assembler {
  const code: number[] = [];
  const skips: number[] = [];
  const operands: number[] = [];
  const answers = new Map<number, Address>();
  const answerAt = new Map<Address, number>();

  function push(opcode: number, operand: number, skip = 0): Address {
    skips.push(skip);
    operands.push(operand);
    return code.push(opcode);
  }
  const isNear = (target: Address): boolean => code.length - target <= reachOfBranch;

  function answer(value: number): Address {
    const shared = answers.get(value);
    if (shared !== undefined && isNear(shared)) return shared;
    const address = push(opcodes.return, value);
    answers.set(value, address);
    answerAt.set(address, value);
    return address;
  }

  function near(target: Address): Address {
    if (isNear(target)) return target;
    const value = answerAt.get(target);
    return value === undefined ? push(opcodes.jump, code.length - target) : answer(value);
  }

  function branch(opcode: number, operand: number, whenTrue: Address, whenFalse: Address): Address {
    const yes = near(whenTrue);
    const no = near(whenFalse);
    return push(opcode, operand, (code.length - yes) | ((code.length - no) << 8));
  }

  function finish(): Uint8Array {
    const count = code.length;
    if (count > limits.instructions) {
      throw galleyError(
        "invalid",
        "seccomp.too-long",
        `seccomp filter needs ${count} of ${limits.instructions} instructions`,
        {
          details: { instructions: count, limit: limits.instructions },
        },
      );
    }
    const bytes = new DataView(new ArrayBuffer(count * 8));
    for (let index = 0; index < count; index += 1) {
      const offset = (count - 1 - index) * 8;
      bytes.setUint16(offset, code[index] as number, true);
      bytes.setUint16(offset + 2, skips[index] as number, true);
      bytes.setUint32(offset + 4, operands[index] as number, true);
    }
    return new Uint8Array(bytes.buffer);
  }

  return { answer, branch, before: push, finish };
}
