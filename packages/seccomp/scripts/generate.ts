/**
 * Writes `src/generated/system-calls.ts`: the system call numbers of every architecture we compile for.
 *
 * The numbers come from the kernel's own user headers, read with the C preprocessor, plus the calls newer than those
 * headers (`newerCalls` below; since Linux 5.1 a new call has one number everywhere). Usage:
 *
 *     node scripts/generate.ts x86=DIR arm64=DIR arm=DIR riscv64=DIR
 *
 * where each DIR is an include directory that holds `asm/unistd*.h`: `/usr/include/x86_64-linux-gnu` of Debian's
 * linux-libc-dev, and `usr/<triple>/include` out of linux-libc-dev-{arm64,armhf,riscv64}-cross.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";

/** Calls that Debian 12's headers (Linux 6.1) do not know yet. */
const newerCalls: Readonly<Record<string, number>> = {
  cachestat: 451,
  fchmodat2: 452,
  map_shadow_stack: 453,
  futex_wake: 454,
  futex_wait: 455,
  futex_requeue: 456,
  statmount: 457,
  listmount: 458,
  lsm_get_self_attr: 459,
  lsm_set_self_attr: 460,
  lsm_list_modules: 461,
  mseal: 462,
  setxattrat: 463,
  getxattrat: 464,
  listxattrat: 465,
  removexattrat: 466,
  open_tree_attr: 467,
  file_getattr: 468,
  file_setattr: 469,
  listns: 470,
  rseq_slice_yield: 471,
};

/** x86-64 alone filled the gap below 424 later on. */
const probes = { uretprobe: 335, uprobe: 336 };
/** The x32 ABI sets this bit in its numbers; the table leaves it out. */
const x32Bit = 0x4000_0000;
/** Names of the headers that are no calls. */
const notCalls = new Set(["syscalls", "arch_specific_syscall", "SYSCALL_BASE", "OABI_SYSCALL_BASE", "SYSCALL_MASK"]);

interface Source {
  readonly directory: string;
  readonly header: string;
  readonly defines?: readonly string[];
  readonly extra?: Readonly<Record<string, number>>;
}

function macros(source: Source): Map<string, string> {
  const flags = [
    "-E",
    "-dM",
    "-nostdinc",
    "-undef",
    "-D__x86_64__",
    "-I",
    source.directory,
    "-I",
    `${source.directory}/..`,
  ];
  const defines = (source.defines ?? []).map((name) => `-D${name}`);
  const text = execFileSync("cc", [...flags, ...defines, "-xc", "-"], {
    input: `#include <asm/${source.header}>\n`,
  }).toString();
  return new Map(
    [...text.matchAll(/^#define (\w+) (.+)$/gm)].map(([, name, value]) => [name as string, value as string]),
  );
}

/** The value of `323`, `(BASE + 3)` or another macro's name. */
function evaluate(expression: string, known: Map<string, string>): number {
  return expression
    .replace(/[()]/g, "")
    .split("+")
    .reduce((sum, term) => {
      const word = term.trim();
      return sum + (/^\d/.test(word) ? Number(word) : evaluate(known.get(word) as string, known));
    }, 0);
}

function numbers(source: Source): Map<string, number> {
  const known = macros(source);
  const table = new Map<string, number>();
  for (const [macro, value] of known) {
    const name = /^__(?:ARM_)?NR_(\w+)$/.exec(macro)?.[1];
    if (name === undefined || notCalls.has(name) || macro === "__ARM_NR_BASE") continue;
    table.set(name, evaluate(value, known) % x32Bit);
  }
  for (const [name, number] of Object.entries({ ...newerCalls, ...source.extra })) table.set(name, number);
  return table;
}

/** `read write @40 setup`: names in the order of their numbers; `@n` sets the next number; `a=b` are two names of one. */
function compact(table: Map<string, number>): string {
  const sorted = [...table].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
  const words: string[] = [];
  let next = 0;
  for (const [name, number] of sorted) {
    if (number === next - 1) words.push(`${words.pop()}=${name}`);
    else words.push(...(number === next ? [] : [`@${number}`]), name);
    next = number + 1;
  }
  return words.join(" ");
}

function wrap(text: string): string {
  const lines = text.match(/.{1,112}(?: |$)/g) ?? [];
  return lines.map((line) => `  ${JSON.stringify(line)}`).join(" +\n");
}

const directories = Object.fromEntries(process.argv.slice(2).map((pair) => pair.split("=", 2) as [string, string]));
const need = (name: string): string => directories[name] ?? "";
const sources: Readonly<Record<string, Source>> = {
  SCMP_ARCH_X86_64: { directory: need("x86"), header: "unistd_64.h", extra: probes },
  SCMP_ARCH_X86: { directory: need("x86"), header: "unistd_32.h" },
  SCMP_ARCH_X32: {
    directory: need("x86"),
    header: "unistd_x32.h",
    defines: ["__X32_SYSCALL_BIT=0x40000000"],
    extra: probes,
  },
  SCMP_ARCH_AARCH64: { directory: need("arm64"), header: "unistd.h", defines: ["__aarch64__"] },
  SCMP_ARCH_ARM: { directory: need("arm"), header: "unistd.h", defines: ["__ARM_EABI__", "__arm__"] },
  SCMP_ARCH_RISCV64: {
    directory: need("riscv64"),
    header: "unistd.h",
    defines: ["__riscv", "__LP64__", "__riscv_xlen=64", "__SIZEOF_POINTER__=8"],
    extra: { riscv_hwprobe: 258 },
  },
};
const tables = Object.entries(sources).map(([name, source]) => `${name}:\n${wrap(compact(numbers(source)))},`);
writeFileSync(
  new URL("../src/generated/system-calls.ts", import.meta.url),
  `// Made by packages/seccomp/scripts/generate.ts from the kernel's headers. Do not edit.

/**
 * System call names in the order of their numbers; \`@n\` sets the number of the next name, \`a=b\` are two names of one
 * number. The numbers of x32 are without the bit that marks them.
 */
export const systemCallTables = {
${tables.map((table) => `  ${table.replaceAll("\n", "\n  ")}`).join("\n")}
} as const;
`,
);
