import type { SeccompSpec } from "@galley/spec";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileSeccomp } from "./compile-seccomp.ts";
import { defaultProfile } from "./default-profile.ts";
import type {
  LinuxSeccomp,
  SeccompAction,
  SeccompArchitecture,
  SeccompCondition,
  SeccompOperator,
  SeccompRule,
} from "./linux-seccomp.ts";
import { resolveProfile } from "./resolve-profile.ts";
import { simulate } from "./simulate.ts";
import { systemCalls } from "./system-calls.ts";
import { type ReferenceCall, referenceVerdict } from "./testing/reference-verdict.ts";

function verdict(program: Uint8Array, call: ReferenceCall): string {
  const { action, data } = simulate(program, call);
  return `${action.replace("SCMP_ACT_", "")} ${data}`;
}

const word = fc.oneof(
  fc.constantFrom(
    0n,
    1n,
    2n,
    0x7fff_ffffn,
    0x8000_0000n,
    0xffff_ffffn,
    0x1_0000_0000n,
    (1n << 63n) - 1n,
    1n << 63n,
    (1n << 64n) - 1n,
  ),
  fc.bigInt({ min: 0n, max: 3n }),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
);
const fewArgs = [
  [0n],
  [1n],
  [16n, 3n, 9n],
  [38n],
  [39n],
  [40n],
  [8n],
  [0x2_0000n],
  [0xffff_ffffn],
  [0xffff_ffff_ffffn],
  [0x7e02_0000n],
  [0x0100_0000n],
];

describe("compileSeccomp() of the default profile", () => {
  const machines: Record<string, readonly SeccompArchitecture[]> = {
    amd64: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
    arm64: ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
    riscv64: ["SCMP_ARCH_RISCV64"],
  };
  const extra = [0x4000_0000 - 1, 983_041, 983_045, 983_046, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];
  const numbers = [...Array(560).keys()];
  const all = [...numbers, ...numbers.map((number) => 0x4000_0000 + number), ...extra];
  for (const capabilities of [[], ["CAP_SYS_ADMIN", "CAP_SYS_PTRACE", "CAP_SYS_TIME"]]) {
    for (const [architecture, conventions] of Object.entries(machines)) {
      test(`answers every call as its rules say on ${architecture} with [${capabilities}]`, () => {
        const seccomp = resolveProfile(defaultProfile, { architecture, capabilities, kernelVersion: "6.1.0" });
        const program = compileSeccomp(seccomp, { architecture });
        const wrong: string[] = [];
        for (const convention of conventions) {
          for (const number of all) {
            const isConditional = ["socket", "personality", "clone", "socketcall", "ipc"].some((name) => {
              return [number, number - 0x4000_0000].includes(systemCalls(convention).get(name) ?? -1);
            });
            for (const args of isConditional ? fewArgs : [[]]) {
              const call = { architecture: convention, number, args };
              const expected = referenceVerdict(seccomp, architecture, call);
              const actual = verdict(program, call);
              if (actual !== expected) wrong.push(`${convention} ${number} (${args}): ${actual}, not ${expected}`);
            }
          }
        }
        expect(wrong).toEqual([]);
      });
    }
  }

  test("takes few instructions for common calls", () => {
    const seccomp = resolveProfile(defaultProfile, { architecture: "amd64", capabilities: [], kernelVersion: "6.1.0" });
    const program = compileSeccomp(seccomp, { architecture: "amd64" });
    expect(program.byteLength / 8).toBeLessThan(512);
    for (const number of [0, 1, 3, 9, 202, 257, 262]) {
      expect(simulate(program, { architecture: "SCMP_ARCH_X86_64", number }).steps).toBeLessThan(16);
    }
  });

  test("kills callers from architectures that it does not know", () => {
    const seccomp = resolveProfile(defaultProfile, { architecture: "amd64", capabilities: [], kernelVersion: "6.1.0" });
    const program = compileSeccomp(seccomp, { architecture: "amd64" });
    expect(simulate(program, { architecture: "SCMP_ARCH_AARCH64", number: 1 })).toMatchObject({
      action: "SCMP_ACT_KILL_THREAD",
    });
  });
});

const actions: readonly SeccompAction[] = [
  "SCMP_ACT_KILL",
  "SCMP_ACT_KILL_PROCESS",
  "SCMP_ACT_KILL_THREAD",
  "SCMP_ACT_TRAP",
  "SCMP_ACT_ERRNO",
  "SCMP_ACT_TRACE",
  "SCMP_ACT_ALLOW",
  "SCMP_ACT_LOG",
  "SCMP_ACT_NOTIFY",
];
const operators: readonly SeccompOperator[] = [
  "SCMP_CMP_NE",
  "SCMP_CMP_LT",
  "SCMP_CMP_LE",
  "SCMP_CMP_EQ",
  "SCMP_CMP_GE",
  "SCMP_CMP_GT",
  "SCMP_CMP_MASKED_EQ",
];
const condition: fc.Arbitrary<SeccompCondition> = fc.record({
  index: fc.nat({ max: 5 }),
  op: fc.constantFrom(...operators),
  value: word,
  valueTwo: word,
});
const withErrno = fc
  .tuple(fc.constantFrom(...actions), fc.option(fc.nat({ max: 200 }), { nil: undefined }))
  .map(([action, data]) => {
    const carries = action === "SCMP_ACT_ERRNO" || action === "SCMP_ACT_TRACE";
    return { action, ...(carries && data !== undefined ? { errnoRet: data } : {}) };
  });
const names = [
  "read",
  "write",
  "socket",
  "socketcall",
  "ipc",
  "semop",
  "recv",
  "clone",
  "waitpid",
  "setuid32",
  "mseal",
  "set_tls",
  "sync_file_range2",
  "arm_sync_file_range",
  "rt_sigaction",
  "no_such_call",
];
const rule: fc.Arbitrary<SeccompRule> = fc
  .record({
    names: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 4 }),
    answer: withErrno,
    args: fc.array(condition, { maxLength: 3 }),
  })
  .map(({ names: some, answer, args }) => ({ names: some, ...answer, args }));
const filter: fc.Arbitrary<LinuxSeccomp> = fc
  .record({
    byDefault: withErrno,
    architectures: fc.subarray([
      "SCMP_ARCH_X86_64",
      "SCMP_ARCH_X86",
      "SCMP_ARCH_X32",
      "SCMP_ARCH_ARM",
      "SCMP_ARCH_MIPS",
    ]),
    syscalls: fc.array(rule, { maxLength: 12 }),
  })
  .map(({ byDefault, architectures, syscalls }) => ({
    defaultAction: byDefault.action,
    ...("errnoRet" in byDefault ? { defaultErrnoRet: byDefault.errnoRet } : {}),
    architectures,
    syscalls,
  }));

function numbersOf(seccomp: LinuxSeccomp, convention: SeccompArchitecture): number[] {
  const named = (seccomp.syscalls ?? [])
    .flatMap((one) => one.names)
    .map((name) => systemCalls(convention).get(name) ?? 0);
  return [
    ...new Set(
      named.flatMap((number) => [
        number,
        number + 1,
        Math.max(0, number - 1),
        0x4000_0000 + number,
        0x4000_0001 + number,
      ]),
    ),
  ];
}

describe("compileSeccomp() of random filters", () => {
  for (const [architecture, conventions] of Object.entries({
    amd64: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
    arm64: ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
  } satisfies Record<string, SeccompArchitecture[]>)) {
    test(`answers as the rules say on ${architecture}`, () => {
      const property = fc.property(
        filter,
        fc.array(fc.array(word, { minLength: 6, maxLength: 6 }), { minLength: 3, maxLength: 3 }),
        (seccomp, tuples) => {
          const program = compileSeccomp(seccomp, { architecture });
          for (const convention of conventions as SeccompArchitecture[]) {
            for (const number of [...numbersOf(seccomp, convention), 0xffff_ffff]) {
              for (const args of tuples) {
                const call = { architecture: convention, number, args };
                expect([call, verdict(program, call)]).toEqual([call, referenceVerdict(seccomp, architecture, call)]);
              }
            }
          }
        },
      );
      fc.assert(property, { numRuns: 300 });
    });
  }

  test("compares arguments at the values where a comparison turns", () => {
    const turning = fc.tuple(condition, fc.bigInt({ min: -1n, max: 1n }), fc.bigInt({ min: -1n, max: 1n }));
    fc.assert(
      fc.property(turning, ([one, low, high]) => {
        const seccomp: LinuxSeccomp = {
          defaultAction: "SCMP_ACT_ALLOW",
          syscalls: [{ names: ["read"], action: "SCMP_ACT_ERRNO", args: [one] }],
        };
        const program = compileSeccomp(seccomp, { architecture: "amd64" });
        const args = Array<bigint>(6).fill(BigInt.asUintN(64, BigInt(one.value) + low + (high << 32n)));
        const call: ReferenceCall = { architecture: "SCMP_ARCH_X86_64", number: 0, args };
        expect(verdict(program, call)).toBe(referenceVerdict(seccomp, "amd64", call));
      }),
      { numRuns: 2000 },
    );
  });

  test("reaches over more than 255 instructions", () => {
    const conditions = (value: bigint): SeccompCondition[] =>
      [0, 1, 2, 3, 4, 5].map((index) => ({ index, op: "SCMP_CMP_GT", value }));
    const calls = ["read", "write", "open", "close", "stat", "mmap", "brk", "ioctl", "getpid", "mseal"];
    const syscalls = calls.flatMap((name, at) =>
      Array.from(
        { length: 5 },
        (_, step): SeccompRule => ({
          names: [name],
          action: "SCMP_ACT_ERRNO",
          errnoRet: 10 * at + step + 2,
          args: conditions(BigInt(50 - 10 * step) << 31n),
        }),
      ),
    );
    const seccomp: LinuxSeccomp = {
      defaultAction: "SCMP_ACT_KILL_PROCESS",
      architectures: ["SCMP_ARCH_X86", "SCMP_ARCH_X32"],
      syscalls,
    };
    const program = compileSeccomp(seccomp, { architecture: "amd64" });
    expect(program.byteLength / 8).toBeGreaterThan(2000);
    for (const convention of ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"] as const) {
      for (const name of calls) {
        for (const value of [0n, 11n << 31n, 45n << 31n, 1n << 60n]) {
          for (const base of [0, 0x4000_0000]) {
            const call = {
              architecture: convention,
              number: base + (systemCalls(convention).get(name) ?? 0),
              args: Array<bigint>(6).fill(value),
            };
            expect(verdict(program, call)).toBe(referenceVerdict(seccomp, "amd64", call));
          }
        }
      }
    }
  });
});

describe("compileSeccomp()", () => {
  const compile = (seccomp: LinuxSeccomp): Uint8Array => compileSeccomp(seccomp, { architecture: "amd64" });
  const allowBut = (...syscalls: SeccompRule[]): LinuxSeccomp => ({ defaultAction: "SCMP_ACT_ALLOW", syscalls });
  const read = (args: SeccompCondition[]): LinuxSeccomp =>
    allowBut({ names: ["read"], action: "SCMP_ACT_ERRNO", args });

  test("takes linux.seccomp of a runtime document as it is", () => {
    const fromDocument: SeccompSpec = {
      defaultAction: "SCMP_ACT_ERRNO",
      syscalls: [{ names: ["read"], action: "SCMP_ACT_ALLOW" }],
    };
    const program = compile(fromDocument);
    expect(simulate(program, { architecture: "SCMP_ARCH_X86_64", number: 0 })).toMatchObject({
      action: "SCMP_ACT_ALLOW",
    });
  });

  test("of no rules is the default action alone", () => {
    const program = compile({ defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 7 });
    expect(simulate(program, { architecture: "SCMP_ARCH_X86_64", number: 5 })).toMatchObject({
      action: "SCMP_ACT_ERRNO",
      data: 7,
    });
  });

  test("refuses a filter that the kernel could not load", () => {
    const args = [0, 1, 2, 3, 4, 5].map((index): SeccompCondition => ({ index, op: "SCMP_CMP_GT", value: 7 }));
    const syscalls = Array.from(
      { length: 200 },
      (_, errnoRet): SeccompRule => ({ names: ["read"], action: "SCMP_ACT_ERRNO", errnoRet: errnoRet + 1, args }),
    );
    expect(() => compile(allowBut(...syscalls))).toThrow(/needs \d+ of 4096 instructions/);
  });

  test.each([
    ["a seventh argument", read([{ index: 6, op: "SCMP_CMP_EQ", value: 0 }]), "arguments 0 to 5"],
    ["a negative value", read([{ index: 0, op: "SCMP_CMP_EQ", value: -1 }]), "unsigned 64-bit"],
    ["a value of 65 bits", read([{ index: 0, op: "SCMP_CMP_EQ", value: 1n << 64n }]), "unsigned 64-bit"],
    ["a number that lost bits", read([{ index: 0, op: "SCMP_CMP_EQ", value: 2 ** 60 }]), "not an exact"],
    [
      "an unknown operator",
      read([{ index: 0, op: "SCMP_CMP_XX" as SeccompOperator, value: 0 }]),
      "unknown seccomp operator",
    ],
    [
      "an unknown action",
      allowBut({ names: ["read"], action: "SCMP_ACT_NAP" as SeccompAction }),
      "unknown seccomp action",
    ],
    [
      "an action of Object's",
      allowBut({ names: ["read"], action: "constructor" as SeccompAction }),
      "unknown seccomp action",
    ],
    [
      "an errnoRet that nothing carries",
      allowBut({ names: ["read"], action: "SCMP_ACT_KILL", errnoRet: 1 }),
      "takes no errnoRet",
    ],
    [
      "an errnoRet of 17 bits",
      allowBut({ names: ["read"], action: "SCMP_ACT_ERRNO", errnoRet: 65_536 }),
      "between 0 and 65535",
    ],
  ])("refuses %s", (_what, seccomp, message) => {
    expect(() => compile(seccomp)).toThrow(message);
  });

  test("refuses a processor without tables", () => {
    expect(() => compileSeccomp({ defaultAction: "SCMP_ACT_ALLOW" }, { architecture: "vax" })).toThrow(
      "no system call table for processor vax",
    );
    expect(() => compileSeccomp({ defaultAction: "SCMP_ACT_ALLOW" }, { architecture: "toString" })).toThrow(
      "no system call table",
    );
  });
});
