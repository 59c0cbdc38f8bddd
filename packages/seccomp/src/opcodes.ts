/** The few instructions of classic BPF that filters of system calls need (linux/bpf_common.h). */
export const opcodes = {
  /** accumulator = word of seccomp_data at an offset */
  load: 0x20,
  /** accumulator &= operand */
  and: 0x54,
  jump: 0x05,
  ifEqual: 0x15,
  ifGreater: 0x25,
  ifAtLeast: 0x35,
  return: 0x06,
} as const;

/** Offsets into struct seccomp_data (seccomp(2)). */
export const dataOffsets = {
  number: 0,
  architecture: 4,
  instructionPointer: 8,
  /** The low word of an argument; the high one lies 4 further, on a little-endian machine. */
  argument: (index: number): number => 16 + 8 * index,
} as const;
