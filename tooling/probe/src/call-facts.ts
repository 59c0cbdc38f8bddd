import { systemCallName } from "@galley/seccomp";
import { errnoName } from "./errno-name.ts";
import type { Facts } from "./facts.ts";
import type { Report } from "./report.ts";

const bitOfX32 = 0x4000_0000;

/** A number as the kernel and its filters see it. */
export function kernelNumber(architecture: string, number: number): number {
  return architecture === "SCMP_ARCH_X32" ? number + bitOfX32 : number;
}

/** The outcome of every call: `call X86_64 135 personality` is "EPERM". */
export function callFacts({ calls = {}, judgedCalls = {} }: Report): Facts {
  const ranges = Object.entries(calls).flatMap(([architecture, outcomes]) =>
    outcomes.map((outcome, number) => [callFact(architecture, number), errnoName(outcome)]),
  );
  const judged = Object.entries(judgedCalls).map(([name, { outcome }]) => [`call ${name}`, errnoName(outcome)]);
  return Object.fromEntries([...ranges, ...judged]);
}

/** The name of the fact about one call. */
export function callFact(architecture: string, number: number): string {
  const name = systemCallName(architecture as "SCMP_ARCH_X86_64", kernelNumber(architecture, number));
  return `call ${architecture.slice("SCMP_ARCH_".length)} ${number}${name ? ` ${name}` : ""}`;
}
