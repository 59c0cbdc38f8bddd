import { constants } from "node:os";
import { simulate } from "@galley/seccomp";
import { callFact, kernelNumber } from "./call-facts.ts";
import { errnoName } from "./errno-name.ts";
import type { Facts } from "./facts.ts";
import type { Report } from "./report.ts";

/** The kernel's own trampolines make these; newer kernels (6.14, 6.18) let them pass filters unasked. */
const unfiltered = ["call X86_64 335 uretprobe", "call X86_64 336 uprobe"];
const everyBit = { SCMP_ARCH_X86_64: 2n ** 64n - 1n, SCMP_ARCH_X32: 2n ** 64n - 1n, SCMP_ARCH_X86: 2n ** 32n - 1n };

/**
 * What every call of a report should have come to: the filter's answer where it gives one, else what came of the same
 * call without a filter.
 */
export function expectedOutcomes(report: Report, program: Uint8Array, unconfined: Facts): Facts {
  const ranges = Object.entries(report.calls ?? {}).flatMap(([architecture, outcomes]) => {
    const argument = everyBit[architecture as keyof typeof everyBit];
    return outcomes.map((_, number) => ({
      fact: callFact(architecture, number),
      call: { architecture, number: kernelNumber(architecture, number), args: Array<bigint>(6).fill(argument) },
    }));
  });
  const judged = Object.entries(report.judgedCalls ?? {}).map(([name, { architecture, number, arguments: args }]) => ({
    fact: `call ${name}`,
    call: { architecture, number, args },
  }));
  return Object.fromEntries(
    [...ranges, ...judged].map(({ fact, call }) => {
      const { action, data } = simulate(program, call);
      const passes = action === "SCMP_ACT_ALLOW" || unfiltered.includes(fact);
      return [fact, passes ? (unconfined[fact] ?? "") : refusal(action, data)];
    }),
  );
}

function refusal(action: string, data: number): string {
  return action === "SCMP_ACT_ERRNO" ? errnoName(`-${data}`) : `signal ${constants.signals.SIGSYS}`;
}
