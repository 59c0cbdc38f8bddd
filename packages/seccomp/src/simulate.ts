import { galleyError } from "@galley/spec";
import { readReturn, type Verdict } from "./actions.ts";
import { conventionOf } from "./architecture.ts";
import { type Instruction, readInstructions } from "./instructions.ts";
import { dataOffsets, opcodes } from "./opcodes.ts";

/** A system call as a filter sees it. */
export interface SystemCall {
  /** The convention it comes by, as `SCMP_ARCH_X86_64`. */
  readonly architecture: string;
  /** Its number as the kernel sees it: x32 calls carry bit 30, and -1 is 0xffffffff. */
  readonly number: number;
  /** Up to six arguments; those left out are 0. Taken modulo 2^64. */
  readonly args?: readonly (number | bigint)[] | undefined;
}

/** What the filter would do, and how many instructions it took to say so. */
export interface Simulation extends Verdict {
  readonly steps: number;
}

const sizeOfData = 64;

/** struct seccomp_data (seccomp(2)) on a little-endian machine. */
function seccompData({ architecture, number, args = [] }: SystemCall): DataView {
  const data = new DataView(new ArrayBuffer(sizeOfData));
  data.setUint32(dataOffsets.number, number >>> 0, true);
  data.setUint32(dataOffsets.architecture, conventionOf(architecture).auditNumber, true);
  for (const [index, value] of args.slice(0, 6).entries())
    data.setBigUint64(dataOffsets.argument(index), BigInt(value), true);
  return data;
}

function bad(what: string, at: number): Error {
  return galleyError("invalid", "seccomp.program", `instruction ${at} of the filter ${what}`, { details: { at } });
}

function load(data: DataView, offset: number, at: number): number {
  if (offset % 4 !== 0 || offset >= sizeOfData) throw bad(`loads from offset ${offset}`, at);
  return data.getUint32(offset, true);
}

/** How many instructions a jump skips. */
function skipOf(
  { opcode, operand, skipWhenTrue, skipWhenFalse }: Instruction,
  accumulator: number,
): number | undefined {
  switch (opcode) {
    case opcodes.jump:
      return operand;
    case opcodes.ifEqual:
      return accumulator === operand ? skipWhenTrue : skipWhenFalse;
    case opcodes.ifGreater:
      return accumulator > operand ? skipWhenTrue : skipWhenFalse;
    case opcodes.ifAtLeast:
      return accumulator >= operand ? skipWhenTrue : skipWhenFalse;
    default:
      return undefined;
  }
}

/**
 * Answers what a filter would do with one call, by running it. It knows the instructions that filters of this package
 * use and throws `invalid` for any other, and for a program that runs off its end.
 *
 * @example
 * simulate(program, { architecture: "SCMP_ARCH_X86_64", number: 83 }); // { action: "SCMP_ACT_ERRNO", data: 1, steps: 9 }
 */
export function simulate(program: Uint8Array, call: SystemCall): Simulation {
  const instructions = readInstructions(program);
  const data = seccompData(call);
  let accumulator = 0;
  let steps = 0;
  for (let at = 0; ; at += 1) {
    const instruction = instructions[at];
    if (!instruction) throw bad("is not there: it runs off its end", at);
    steps += 1;
    const { opcode, operand } = instruction;
    if (opcode === opcodes.return) return { ...readReturn(operand), steps };
    if (opcode === opcodes.load) accumulator = load(data, operand, at);
    else if (opcode === opcodes.and) accumulator = (accumulator & operand) >>> 0;
    else {
      const skip = skipOf(instruction, accumulator);
      if (skip === undefined) throw bad(`has the unknown operation 0x${opcode.toString(16)}`, at);
      at += skip;
    }
  }
}
