import { galleyError } from "@galley/spec";
import type { SeccompCondition, SeccompOperator } from "./linux-seccomp.ts";

/** A condition with its 64-bit values cut into words, which is what classic BPF can compare. */
export interface Comparison {
  /** Which argument, 0 to 5. */
  readonly index: number;
  readonly op: SeccompOperator;
  readonly high: number;
  readonly low: number;
  readonly maskHigh: number;
  readonly maskLow: number;
}

const operators: ReadonlySet<string> = new Set<SeccompOperator>([
  "SCMP_CMP_NE",
  "SCMP_CMP_LT",
  "SCMP_CMP_LE",
  "SCMP_CMP_EQ",
  "SCMP_CMP_GE",
  "SCMP_CMP_GT",
  "SCMP_CMP_MASKED_EQ",
]);

function invalidCondition(message: string, condition: SeccompCondition): Error {
  return galleyError("invalid", "seccomp.condition", message, {
    details: { index: condition.index, op: condition.op },
  });
}

/** A number above 2^53 has already lost bits of what somebody wrote; a filter must not be built on that. */
function words(value: number | bigint, condition: SeccompCondition): readonly [high: number, low: number] {
  if (typeof value === "bigint") {
    if (value >= 0n && value < 1n << 64n) return [Number(value >> 32n), Number(value & 0xffff_ffffn)];
  } else if (Number.isSafeInteger(value) && value >= 0) {
    return [Math.floor(value / 0x1_0000_0000), value >>> 0];
  }
  throw invalidCondition(`seccomp condition value ${value} is not an exact unsigned 64-bit integer`, condition);
}

/** Checks a condition and cuts it into words. Throws `invalid`. */
export function comparisonOf(condition: SeccompCondition): Comparison {
  const { index, op, value, valueTwo } = condition;
  if (!Number.isInteger(index) || index < 0 || index > 5) {
    throw invalidCondition(`seccomp condition on argument ${index}: a call has arguments 0 to 5`, condition);
  }
  if (!operators.has(op)) throw invalidCondition(`unknown seccomp operator ${op}`, condition);
  const [first, second] = words(value, condition);
  if (op !== "SCMP_CMP_MASKED_EQ") return { index, op, high: first, low: second, maskHigh: 0, maskLow: 0 };
  const [high, low] = words(valueTwo ?? 0, condition);
  // Bits outside of the mask are not compared, as in libseccomp.
  return { index, op, high: (high & first) >>> 0, low: (low & second) >>> 0, maskHigh: first, maskLow: second };
}
