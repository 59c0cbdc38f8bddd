import type { Comparison } from "./comparison.ts";
import type { Clause, RulesByName } from "./rules-by-name.ts";

/**
 * Calls that 32-bit x86 also reaches through socketcall(2) and ipc(2): their first argument, a number counted from the
 * one given here, says which call is meant.
 */
const multiplexers = [
  {
    through: "socketcall",
    first: 1,
    names:
      "socket bind connect listen accept getsockname getpeername socketpair send recv sendto recvfrom shutdown " +
      "setsockopt getsockopt sendmsg recvmsg accept4 recvmmsg sendmmsg",
  },
  { through: "ipc", first: 1, names: "semop semget semctl semtimedop" },
  { through: "ipc", first: 11, names: "msgsnd msgrcv msgget msgctl" },
  { through: "ipc", first: 21, names: "shmat shmdt shmget shmctl" },
] as const;

/** The clause on the multiplexing call: its first argument becomes the selector, conditions on others stay (as in libseccomp). */
function redirect({ comparisons, answer, position }: Clause, selector: number): Clause {
  const chosen: Comparison = { index: 0, op: "SCMP_CMP_EQ", high: 0, low: selector, maskHigh: 0, maskLow: 0 };
  return { comparisons: [chosen, ...comparisons.filter(({ index }) => index !== 0)], answer, position };
}

const isUnconditional = ({ comparisons }: Clause): boolean => comparisons.length === 0;

/** The clauses of socketcall and ipc, with those of the calls that are reached through them; none where they cannot matter. */
export function multiplexedRules(rules: RulesByName): RulesByName {
  const merged = new Map<string, Clause[]>();
  for (const { through, first, names } of multiplexers) {
    if (rules.get(through)?.some(isUnconditional)) continue;
    const redirected = names.split(" ").flatMap((name, offset) => {
      return (rules.get(name) ?? []).map((clause) => redirect(clause, first + offset));
    });
    merged.set(through, [...(merged.get(through) ?? rules.get(through) ?? []), ...redirected]);
  }
  for (const clauses of merged.values()) clauses.sort((a, b) => a.position - b.position);
  return merged;
}
