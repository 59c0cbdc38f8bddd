import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compileSeccomp } from "./compile-seccomp.ts";
import { defaultProfile } from "./default-profile.ts";
import type { LinuxSeccomp, SeccompCondition, SeccompRule } from "./linux-seccomp.ts";
import { resolveProfile } from "./resolve-profile.ts";
import { simulate } from "./simulate.ts";
import { systemCallNumber } from "./system-calls.ts";

interface Call {
  readonly way: 64 | 32;
  readonly number: number;
  readonly args: readonly bigint[];
}

function missing(): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") return "needs Linux on x86-64";
  if (!existsSync("/proc/sys/kernel/seccomp")) return "needs a kernel with seccomp filters";
  try {
    execFileSync("cc", ["--version"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "needs a C compiler";
  }
}

const reason = missing();
let directory = "";

/** What the kernel answers to each call under the filter. */
function inKernel(program: Uint8Array, calls: readonly Call[]): string[] {
  const file = join(directory, "filter");
  writeFileSync(file, program);
  const line = ({ way, number, args }: Call): string =>
    [way, number, ...[0, 1, 2, 3, 4, 5].map((index) => args[index] ?? 0n)].join(" ");
  return execFileSync(join(directory, "load-filter"), [file], { input: `${calls.map(line).join("\n")}\n` })
    .toString()
    .trim()
    .split("\n");
}

/** What the simulator says about it, in the same words; undefined where the filter lets the call through. */
function inSimulator(program: Uint8Array, { way, number, args }: Call): string | undefined {
  const architecture = way === 64 ? "SCMP_ARCH_X86_64" : "SCMP_ARCH_X86";
  const cut = args.map((value) => BigInt.asUintN(way, value));
  const { action, data } = simulate(program, { architecture, number, args: cut });
  if (action === "SCMP_ACT_ALLOW" || action === "SCMP_ACT_LOG") return undefined;
  if (action === "SCMP_ACT_ERRNO") return data === 0 ? "value 0" : `errno ${Math.min(data, 4095)}`;
  // Without a tracer or a listener the kernel answers ENOSYS.
  return action === "SCMP_ACT_TRACE" || action === "SCMP_ACT_NOTIFY" ? "errno 38" : "signal 31";
}

describe.skipIf(reason !== undefined)(`compileSeccomp() in the kernel${reason ? `: skipped, ${reason}` : ""}`, () => {
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "galley-seccomp-"));
    execFileSync("cc", [
      "-O1",
      "-o",
      join(directory, "load-filter"),
      join(import.meta.dirname, "testing/load-filter.c"),
    ]);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  // getppid takes no arguments, so the kernel ignores what we put there and any condition can be tried on it.
  const number = systemCallNumber("SCMP_ARCH_X86_64", "getppid") as number;
  const number32 = systemCallNumber("SCMP_ARCH_X86", "getppid") as number;
  const words = [
    0n,
    1n,
    5n,
    0x7fff_ffffn,
    0x8000_0000n,
    0xffff_ffffn,
    0x1_0000_0000n,
    0x1_0000_0005n,
    (1n << 63n) + 5n,
    (1n << 64n) - 1n,
  ];
  const both = (args: readonly bigint[]): Call[] => [
    { way: 64, number, args },
    { way: 32, number: number32, args: args.map((value) => BigInt.asUintN(32, value)) },
  ];
  const filter = (...syscalls: SeccompRule[]): LinuxSeccomp => ({
    defaultAction: "SCMP_ACT_ALLOW",
    architectures: ["SCMP_ARCH_X86", "SCMP_ARCH_X32"],
    syscalls,
  });

  function compare(seccomp: LinuxSeccomp, calls: readonly Call[]): void {
    const program = compileSeccomp(seccomp, { architecture: "amd64" });
    const answers = inKernel(program, calls);
    const expected = calls.map(
      (call, at) => inSimulator(program, call) ?? (answers[at]?.startsWith("signal") ? "no signal" : answers[at]),
    );
    expect(answers).toEqual(expected);
  }

  test("answers every operator as the simulator does", () => {
    for (const op of [
      "SCMP_CMP_NE",
      "SCMP_CMP_LT",
      "SCMP_CMP_LE",
      "SCMP_CMP_EQ",
      "SCMP_CMP_GE",
      "SCMP_CMP_GT",
      "SCMP_CMP_MASKED_EQ",
    ] as const) {
      const rules = words
        .slice(0, 4)
        .concat(words.slice(6, 9))
        .map((value, at): SeccompRule => {
          const args: SeccompCondition[] = [{ index: at % 5, op, value, valueTwo: 5 }];
          return { names: ["getppid"], action: "SCMP_ACT_ERRNO", errnoRet: 100 + at, args };
        });
      compare(
        filter(...rules),
        words.flatMap((value) =>
          [0, 1, 2, 3, 4].flatMap((at) => both(Array.from({ length: 5 }, (_, index) => (index === at ? value : 7n)))),
        ),
      );
    }
  });

  test("answers every action as the simulator does", () => {
    for (const action of [
      "SCMP_ACT_KILL",
      "SCMP_ACT_KILL_THREAD",
      "SCMP_ACT_KILL_PROCESS",
      "SCMP_ACT_TRAP",
      "SCMP_ACT_TRACE",
      "SCMP_ACT_LOG",
      "SCMP_ACT_NOTIFY",
      "SCMP_ACT_ERRNO",
    ] as const) {
      compare(filter({ names: ["getppid"], action }), both([]));
    }
    compare(filter({ names: ["getppid"], action: "SCMP_ACT_ERRNO", errnoRet: 0xffff }), both([]));
    compare(filter({ names: ["getppid"], action: "SCMP_ACT_ERRNO", errnoRet: 0 }), both([]));
  });

  test("kills callers of conventions that are not let in", () => {
    compare({ ...filter(), architectures: [] }, [
      { way: 32, number: number32, args: [] },
      { way: 64, number: 0x4000_0000 + number, args: [] },
      { way: 64, number, args: [] },
    ]);
  });

  test("loads a program with long jumps", () => {
    const args = [0, 1, 2, 3, 4].map((index): SeccompCondition => ({ index, op: "SCMP_CMP_GT", value: 1n << 40n }));
    const names = ["getppid", "swapon", "kexec_load", "vhangup", "pivot_root", "acct"];
    const rules = names.flatMap((name) =>
      Array.from(
        { length: 8 },
        (_, at): SeccompRule => ({ names: [name], action: "SCMP_ACT_ERRNO", errnoRet: at + 50, args }),
      ),
    );
    compare(filter(...rules), [...both([]), ...both(Array<bigint>(5).fill(1n << 50n))]);
  });

  test("applies the default profile", () => {
    const seccomp = resolveProfile(defaultProfile, { architecture: "amd64", capabilities: [], kernelVersion: "6.1.0" });
    const bad = (1n << 64n) - 1n;
    const call = (name: string, ...args: bigint[]): Call => ({
      way: 64,
      number: systemCallNumber("SCMP_ARCH_X86_64", name) as number,
      args,
    });
    // Harmless whether they are let through or not: their arguments are wrong.
    const calls = [
      call("mount", bad, bad, bad),
      call("umount2", bad, bad),
      call("unshare", 1n),
      call("setns", bad, 1n),
      call("bpf", bad, bad, bad),
      call("keyctl", bad),
      call("clone3", 0n, 0n),
      call("open_by_handle_at", bad, bad, bad),
      call("perf_event_open", bad, 0n, 0n, bad, bad),
      call("personality", 0xffff_ffffn),
      call("personality", 0xff_ffffn),
      call("socket", 38n, 1n, 0n),
      call("socket", 40n, 1n, 0n),
      call("socket", 2n, 77n, 0n),
      call("getppid"),
      call("read", bad, bad, 0n),
      call("landlock_create_ruleset", bad, 1n, 77n),
      call("io_uring_setup", 0n, 0n),
      call("userfaultfd", bad),
      { way: 64 as const, number: 480, args: [] },
      { way: 64 as const, number: 0x4000_0000 + 480, args: [] },
      { way: 32 as const, number: 480, args: [] },
      { way: 32 as const, number: number32, args: [] },
      { way: 32 as const, number: systemCallNumber("SCMP_ARCH_X86", "mount") as number, args: [] },
    ];
    compare(seccomp, calls);
    const program = compileSeccomp(seccomp, { architecture: "amd64" });
    expect(inKernel(program, calls.slice(0, 7))).toEqual([
      "errno 1",
      "errno 1",
      "errno 1",
      "errno 1",
      "errno 1",
      "errno 1",
      "errno 38",
    ]);
  });
});
