const accessLetters = { m: 1, r: 2, w: 4 } as const;

/** One question to a device filter. */
export interface DeviceQuestion {
  readonly type: "b" | "c";
  readonly major: number;
  readonly minor: number;
  /** Of the letters r, w and m. */
  readonly access: string;
}

/**
 * A machine for the few eBPF instructions of device filters, as strict as the kernel's verifier about what it can see:
 * it answers what the program returns, and throws for anything it does not know, reads before writes, and jumps that leave.
 */
export function runDeviceFilter(program: Uint8Array, question: DeviceQuestion): boolean {
  const code = new DataView(program.buffer, program.byteOffset, program.byteLength);
  const access = [...question.access].reduce((bits, letter) => bits | accessLetters[letter as "r"], 0);
  const context = [((access << 16) | (question.type === "b" ? 1 : 2)) >>> 0, question.major, question.minor];
  const registers = new Map<number, number>();
  const read = (register: number): number => {
    const value = registers.get(register);
    if (value === undefined) throw new Error(`register ${register} is read before it is written`);
    return value;
  };
  for (let at = 0; at < program.length / 8; at++) {
    const op = code.getUint8(at * 8);
    const to = code.getUint8(at * 8 + 1) & 15;
    const from = code.getUint8(at * 8 + 1) >> 4;
    const offset = code.getInt16(at * 8 + 2, true);
    const value = code.getUint32(at * 8 + 4, true);
    if (op === 0x61) {
      if (from !== 1 || offset % 4 !== 0 || offset < 0 || offset > 8) throw new Error(`load of ${from}+${offset}`);
      registers.set(to, context[offset / 4] ?? 0);
    } else if (op === 0x54) registers.set(to, (read(to) & value) >>> 0);
    else if (op === 0x74) registers.set(to, read(to) >>> value);
    else if (op === 0xb7) registers.set(to, value);
    else if (op === 0x05) at += forward(offset);
    else if (op === 0x56) at += read(to) === value ? 0 : forward(offset);
    else if (op === 0x46) at += read(to) & value ? forward(offset) : 0;
    else if (op === 0x95) return read(0) !== 0;
    else throw new Error(`unknown instruction ${op}`);
  }
  throw new Error("the program runs over its end");
}

function forward(offset: number): number {
  if (offset < 0) throw new Error("a jump back");
  return offset;
}
