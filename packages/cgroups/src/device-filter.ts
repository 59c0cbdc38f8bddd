import type { CheckedRule, DevicePolicy } from "./device-rules.ts";

/** One eBPF instruction (linux/bpf.h, struct bpf_insn). */
interface Instruction {
  readonly code: number;
  readonly to?: number;
  readonly from?: number;
  readonly offset?: number;
  readonly value?: number;
}

// Class, operation and source of an instruction, in one number each (linux/bpf.h, linux/bpf_common.h).
const load32 = 0x61; // BPF_LDX | BPF_MEM | BPF_W
const and32 = 0x54; // BPF_ALU | BPF_AND | BPF_K
const shiftRight32 = 0x74; // BPF_ALU | BPF_RSH | BPF_K
const move64 = 0xb7; // BPF_ALU64 | BPF_MOV | BPF_K
const jump = 0x05; // BPF_JMP | BPF_JA
const jumpUnlessEqual32 = 0x56; // BPF_JMP32 | BPF_JNE | BPF_K, kernel 5.1
const jumpIfAny32 = 0x46; // BPF_JMP32 | BPF_JSET | BPF_K
const exit = 0x95; // BPF_JMP | BPF_EXIT

const verdict = 0;
const context = 1;
const type = 2;
const access = 3;
const major = 4;
const minor = 5;

const everyAccess = 7;
/** linux/bpf.h, BPF_DEVCG_DEV_BLOCK and BPF_DEVCG_DEV_CHAR. */
const typeNumbers = { b: 1, c: 2 } as const;

/** struct bpf_cgroup_dev_ctx: access and type in one word, major, minor. */
const prologue: readonly Instruction[] = [
  { code: load32, to: type, from: context, offset: 0 },
  { code: and32, to: type, value: 0xffff },
  { code: load32, to: access, from: context, offset: 0 },
  { code: shiftRight32, to: access, value: 16 },
  { code: load32, to: major, from: context, offset: 4 },
  { code: load32, to: minor, from: context, offset: 8 },
];

/**
 * Compiles a device list into an eBPF program for a version 2 group (BPF_PROG_TYPE_CGROUP_DEVICE). Rules are tried from
 * the last to the first, and each kind of access that is asked for must find an allowing one before a forbidding one.
 *
 * @returns undefined when everything is allowed: then no program is needed.
 *
 * @example
 * const program = compileDeviceFilter(devicePolicy(defaultDeviceRules)); // 8 bytes an instruction
 */
export function compileDeviceFilter(policy: DevicePolicy): Uint8Array | undefined {
  if (policy.allowAll && policy.rules.length === 0) return undefined;
  const blocks = policy.rules.toReversed().flatMap(ruleBlock);
  return encode([...prologue, ...blocks, ...answer(policy.allowAll)]);
}

function answer(allowed: boolean): readonly Instruction[] {
  return [{ code: move64, to: verdict, value: allowed ? 1 : 0 }, { code: exit }];
}

/** Conditions jump over the block's end; register 3 keeps the kinds of access that no rule has decided yet. */
function ruleBlock(rule: CheckedRule): readonly Instruction[] {
  const decision = rule.allow ? allowing(rule.access) : forbidding(rule.access);
  const conditions = [
    { register: type, value: typeNumbers[rule.type] },
    ...(rule.major === undefined ? [] : [{ register: major, value: rule.major }]),
    ...(rule.minor === undefined ? [] : [{ register: minor, value: rule.minor }]),
  ];
  const jumps = conditions.map(({ register, value }, index) => ({
    code: jumpUnlessEqual32,
    to: register,
    value,
    offset: conditions.length - index - 1 + decision.length,
  }));
  return [...jumps, ...decision];
}

function allowing(bits: number): readonly Instruction[] {
  if (bits === everyAccess) return answer(true);
  return [
    { code: and32, to: access, value: everyAccess & ~bits },
    { code: jumpUnlessEqual32, to: access, value: 0, offset: 2 },
    ...answer(true),
  ];
}

function forbidding(bits: number): readonly Instruction[] {
  if (bits === everyAccess) return answer(false);
  return [{ code: jumpIfAny32, to: access, value: bits, offset: 1 }, { code: jump, offset: 2 }, ...answer(false)];
}

/** The machine's byte order decides even where the register numbers lie in their byte. */
const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function encode(program: readonly Instruction[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(program.length * 8));
  for (const [index, { code, to = 0, from = 0, offset = 0, value = 0 }] of program.entries()) {
    view.setUint8(index * 8, code);
    view.setUint8(index * 8 + 1, littleEndian ? (from << 4) | to : (to << 4) | from);
    view.setInt16(index * 8 + 2, offset, littleEndian);
    view.setInt32(index * 8 + 4, value, littleEndian);
  }
  return new Uint8Array(view.buffer);
}
