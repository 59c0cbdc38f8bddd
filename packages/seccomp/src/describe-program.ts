import { readReturn } from "./actions.ts";
import { type Instruction, readInstructions } from "./instructions.ts";
import { dataOffsets, opcodes } from "./opcodes.ts";

const comparisons: Readonly<Record<number, string>> = {
  [opcodes.ifEqual]: "==",
  [opcodes.ifGreater]: ">",
  [opcodes.ifAtLeast]: ">=",
};

function nameOfOffset(offset: number): string {
  if (offset === dataOffsets.number) return "call number";
  if (offset === dataOffsets.architecture) return "architecture";
  const index = (offset - dataOffsets.argument(0)) / 8;
  if (index < 0) return `data at ${offset}`;
  return `argument ${Math.floor(index)}, ${Number.isInteger(index) ? "low" : "high"} word`;
}

function describe({ opcode, operand, skipWhenTrue, skipWhenFalse }: Instruction, at: number): string {
  const hex = `0x${operand.toString(16)}`;
  if (opcode === opcodes.load) return `load ${nameOfOffset(operand)}`;
  if (opcode === opcodes.and) return `and ${hex}`;
  if (opcode === opcodes.jump) return `go to ${at + 1 + operand}`;
  if (opcode === opcodes.return) return `answer ${Object.values(readReturn(operand)).join(" ")}`;
  const comparison = comparisons[opcode];
  if (!comparison) return `operation 0x${opcode.toString(16)} ${hex}`;
  return `if ${comparison} ${hex} go to ${at + 1 + skipWhenTrue}, else ${at + 1 + skipWhenFalse}`;
}

/**
 * Writes a filter out for people, one line for each instruction. Throws `invalid` for bytes that are no program.
 *
 * @example
 * describeProgram(program)[0]; // "0: load architecture"
 */
export function describeProgram(program: Uint8Array): readonly string[] {
  return readInstructions(program).map((instruction, at) => `${at}: ${describe(instruction, at)}`);
}
