import type { LinuxSeccomp, SeccompArchitecture, SeccompCondition, SeccompRule } from "../linux-seccomp.ts";
import { systemCallNumber } from "../system-calls.ts";

/**
 * What a filter must answer, worked out from its rules with whole 64-bit numbers and names: slow, plain, and sharing
 * nothing with the compiler but the number tables.
 */
export interface ReferenceCall {
  readonly architecture: SeccompArchitecture;
  readonly number: number;
  readonly args: readonly bigint[];
}

const kill = "KILL_THREAD 0";
const enosys = "ERRNO 38";
const families: Record<string, readonly SeccompArchitecture[]> = {
  amd64: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
  arm64: ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
  riscv64: ["SCMP_ARCH_RISCV64"],
};
const socketcall = [
  "socket bind connect listen accept getsockname getpeername socketpair send recv sendto recvfrom",
  "shutdown setsockopt getsockopt sendmsg recvmsg accept4 recvmmsg sendmmsg",
]
  .join(" ")
  .split(" ");
const ipc =
  "- semop semget semctl semtimedop - - - - - - msgsnd msgrcv msgget msgctl - - - - - - shmat shmdt shmget shmctl".split(
    " ",
  );

function answer(action: string, errnoRet: number | undefined): string {
  const name = action === "SCMP_ACT_KILL" ? "KILL_THREAD" : action.replace("SCMP_ACT_", "");
  return `${name} ${name === "ERRNO" || name === "TRACE" ? (errnoRet ?? 1) : 0}`;
}

function holds({ index, op, value, valueTwo = 0 }: SeccompCondition, call: ReferenceCall): boolean {
  const size =
    call.architecture === "SCMP_ARCH_X86_64" ||
    call.architecture === "SCMP_ARCH_AARCH64" ||
    call.architecture === "SCMP_ARCH_RISCV64"
      ? 64
      : 32;
  const cut = (number: number | bigint): bigint => BigInt.asUintN(size, BigInt(number));
  const [actual, wanted, second] = [cut(call.args[index] ?? 0n), cut(value), cut(valueTwo)];
  if (op === "SCMP_CMP_EQ") return actual === wanted;
  if (op === "SCMP_CMP_NE") return actual !== wanted;
  if (op === "SCMP_CMP_LT") return actual < wanted;
  if (op === "SCMP_CMP_LE") return actual <= wanted;
  if (op === "SCMP_CMP_GT") return actual > wanted;
  if (op === "SCMP_CMP_GE") return actual >= wanted;
  return (actual & wanted) === (second & wanted);
}

interface Candidate {
  readonly verdict: string;
  readonly certain: boolean;
  readonly matches: boolean;
}

/** The rules for one name, with the first argument taken as already tested when it came through a multiplexer. */
function candidates(rule: SeccompRule, call: ReferenceCall, selected: boolean | undefined): Candidate[] {
  const verdict = answer(rule.action, rule.errnoRet);
  const args = rule.args ?? [];
  const wide = !["SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_ARM"].includes(call.architecture);
  const tautology = (condition: SeccompCondition): boolean =>
    condition.op === "SCMP_CMP_MASKED_EQ" && BigInt.asUintN(wide ? 64 : 32, BigInt(condition.value)) === 0n;
  const repeated = args.some((one, at) => args.findIndex(({ index }) => index === one.index) !== at);
  const groups = repeated ? args.map((one) => [one]) : [args];
  return groups.map((group) => {
    const relevant = selected === undefined ? group : group.filter(({ index }) => index !== 0);
    return {
      verdict,
      certain: selected === undefined && relevant.every(tautology),
      matches: selected !== false && relevant.every((condition) => holds(condition, call)),
    };
  });
}

export function referenceVerdict(seccomp: LinuxSeccomp, machine: string, call: ReferenceCall): string {
  const family = families[machine] ?? [];
  const listed = family.filter((name, at) => at === 0 || seccomp.architectures?.includes(name));
  const otherwise = answer(seccomp.defaultAction, seccomp.defaultErrnoRet);
  let architecture = call.architecture;
  if (architecture === "SCMP_ARCH_X86_64" && call.number >= 0x4000_0000) architecture = "SCMP_ARCH_X32";
  if (!listed.includes(architecture))
    return call.architecture === "SCMP_ARCH_X86_64" && call.number === 0xffff_ffff ? otherwise : kill;
  const seen: ReferenceCall = { ...call, architecture };
  const rules = seccomp.syscalls ?? [];
  const numbers = rules.flatMap(({ names }) => names.map((name) => systemCallNumber(architecture, name) ?? -1));
  const newest = Math.max(architecture === "SCMP_ARCH_X32" ? 0x4000_0000 : 0, ...numbers);
  const permissive = ["ALLOW", "LOG", "TRACE"].some((name) => otherwise.startsWith(name));
  const anyNamed = numbers.some((number) => number > (architecture === "SCMP_ARCH_X32" ? 0x4000_0000 : 0));
  if (!permissive && seccomp.defaultErrnoRet !== 38 && anyNamed && call.number > newest) return enosys;
  const found = rules
    .filter((rule) => answer(rule.action, rule.errnoRet) !== otherwise)
    .flatMap((rule) =>
      rule.names.flatMap((name) => {
        const own = systemCallNumber(architecture, name) === call.number ? candidates(rule, seen, undefined) : [];
        if (architecture !== "SCMP_ARCH_X86") return own;
        const chosen = BigInt.asUintN(32, call.args[0] ?? 0n);
        if (call.number === 102 && socketcall.includes(name))
          return [...own, ...candidates(rule, seen, chosen === BigInt(socketcall.indexOf(name) + 1))];
        if (call.number === 117 && ipc.includes(name))
          return [...own, ...candidates(rule, seen, chosen === BigInt(ipc.indexOf(name)))];
        return own;
      }),
    );
  return (found.find(({ certain }) => certain) ?? found.find(({ matches }) => matches))?.verdict ?? otherwise;
}
