import type { Address, Assembler } from "./assembler.ts";
import type { Comparison } from "./comparison.ts";
import { dataOffsets, opcodes } from "./opcodes.ts";

/** Where to go on when the comparison holds and when not, and whether the high word of the argument counts. */
export interface Ways {
  readonly yes: Address;
  readonly no: Address;
  readonly wide: boolean;
}

const highOffset = (index: number): number => dataOffsets.argument(index) + 4;

function emitEqual(to: Assembler, { index, high, low }: Comparison, { yes, no, wide }: Ways): Address {
  to.branch(opcodes.ifEqual, low, yes, no);
  const lowPart = to.before(opcodes.load, dataOffsets.argument(index));
  if (!wide) return lowPart;
  to.branch(opcodes.ifEqual, high, lowPart, no);
  return to.before(opcodes.load, highOffset(index));
}

/** Greater in the high word decides; equal there leaves it to the low word. */
function emitOrder(to: Assembler, comparison: Comparison, options: { opcode: number; ways: Ways }): Address {
  const { index, high, low } = comparison;
  const { yes, no, wide } = options.ways;
  to.branch(options.opcode, low, yes, no);
  const lowPart = to.before(opcodes.load, dataOffsets.argument(index));
  if (!wide) return lowPart;
  const tie = to.branch(opcodes.ifEqual, high, lowPart, no);
  to.branch(opcodes.ifGreater, high, yes, tie);
  return to.before(opcodes.load, highOffset(index));
}

function emitMasked(to: Assembler, comparison: Comparison, { yes, no, wide }: Ways): Address {
  const { index, high, low, maskHigh, maskLow } = comparison;
  let next = yes;
  if (maskLow !== 0) {
    to.branch(opcodes.ifEqual, low, next, no);
    to.before(opcodes.and, maskLow);
    next = to.before(opcodes.load, dataOffsets.argument(index));
  }
  if (!wide || maskHigh === 0) return next;
  to.branch(opcodes.ifEqual, high, next, no);
  to.before(opcodes.and, maskHigh);
  return to.before(opcodes.load, highOffset(index));
}

/** Emits one comparison and tells where it starts. */
export function emitComparison(to: Assembler, comparison: Comparison, ways: Ways): Address {
  const swapped: Ways = { yes: ways.no, no: ways.yes, wide: ways.wide };
  switch (comparison.op) {
    case "SCMP_CMP_EQ":
      return emitEqual(to, comparison, ways);
    case "SCMP_CMP_NE":
      return emitEqual(to, comparison, swapped);
    case "SCMP_CMP_GT":
      return emitOrder(to, comparison, { opcode: opcodes.ifGreater, ways });
    case "SCMP_CMP_LE":
      return emitOrder(to, comparison, { opcode: opcodes.ifGreater, ways: swapped });
    case "SCMP_CMP_GE":
      return emitOrder(to, comparison, { opcode: opcodes.ifAtLeast, ways });
    case "SCMP_CMP_LT":
      return emitOrder(to, comparison, { opcode: opcodes.ifAtLeast, ways: swapped });
    case "SCMP_CMP_MASKED_EQ":
      return emitMasked(to, comparison, ways);
  }
}
