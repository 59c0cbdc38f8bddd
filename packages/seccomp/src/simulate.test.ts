import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { describeProgram } from "./describe-program.ts";
import { opcodes } from "./opcodes.ts";
import { simulate } from "./simulate.ts";

function program(
  ...instructions: readonly (readonly [opcode: number, operand?: number, yes?: number, no?: number])[]
): Uint8Array {
  const view = new DataView(new ArrayBuffer(instructions.length * 8));
  for (const [at, [opcode, operand = 0, yes = 0, no = 0]] of instructions.entries()) {
    view.setUint16(at * 8, opcode, true);
    view.setUint8(at * 8 + 2, yes);
    view.setUint8(at * 8 + 3, no);
    view.setUint32(at * 8 + 4, operand, true);
  }
  return new Uint8Array(view.buffer);
}
const call = { architecture: "SCMP_ARCH_X86_64", number: 0 };
const allow = 0x7fff_0000;

describe("simulate()", () => {
  test.each<[number, string, number]>([
    [0x8000_0000, "SCMP_ACT_KILL_PROCESS", 0],
    [0x0000_0000, "SCMP_ACT_KILL_THREAD", 0],
    [0x0003_0000, "SCMP_ACT_TRAP", 0],
    [0x0005_0001, "SCMP_ACT_ERRNO", 1],
    [0x7fc0_0000, "SCMP_ACT_NOTIFY", 0],
    [0x7ff0_0007, "SCMP_ACT_TRACE", 7],
    [0x7ffc_0000, "SCMP_ACT_LOG", 0],
    [0x7fff_0000, "SCMP_ACT_ALLOW", 0],
    [0x1234_0000, "SCMP_ACT_KILL_PROCESS", 0],
  ])("reads the answer 0x%x as %s %d", (number, action, data) => {
    expect(simulate(program([opcodes.return, number]), call)).toEqual({ action, data, steps: 1 });
  });

  test("sees number, architecture and both words of all six arguments", () => {
    const read = (offset: number, expected: number): string =>
      simulate(
        program(
          [opcodes.load, offset],
          [opcodes.ifEqual, expected, 0, 1],
          [opcodes.return, allow],
          [opcodes.return, 0],
        ),
        {
          architecture: "SCMP_ARCH_AARCH64",
          number: -1,
          args: [0, 1, 2, 3, 4, 5].map((index) => (BigInt(index + 100) << 32n) | BigInt(index + 200)),
        },
      ).action;
    expect(read(0, 0xffff_ffff)).toBe("SCMP_ACT_ALLOW");
    expect(read(4, 0xc000_00b7)).toBe("SCMP_ACT_ALLOW");
    for (const index of [0, 1, 2, 3, 4, 5]) {
      expect(read(16 + 8 * index, index + 200)).toBe("SCMP_ACT_ALLOW");
      expect(read(20 + 8 * index, index + 100)).toBe("SCMP_ACT_ALLOW");
    }
  });

  test.each<[string, Uint8Array, string]>([
    ["nothing", new Uint8Array(), "0 bytes"],
    ["a cut program", program([opcodes.return]).subarray(0, 7), "7 bytes"],
    ["a program longer than the kernel takes", new Uint8Array(4097 * 8), "bytes are not a program"],
    ["a program without an answer", program([opcodes.load, 0]), "runs off its end"],
    ["a jump out of it", program([opcodes.jump, 0xffff_ffff]), "runs off its end"],
    ["an unknown operation", program([0x9999]), "unknown operation 0x9999"],
    ["a load past the data", program([opcodes.load, 64]), "loads from offset 64"],
    ["a load of half a word", program([opcodes.load, 2]), "loads from offset 2"],
  ])("refuses %s", (_what, bytes, message) => {
    expect(() => simulate(bytes, call)).toThrow(message);
  });

  test("refuses an architecture without a table", () => {
    expect(() => simulate(program([opcodes.return]), { architecture: "SCMP_ARCH_VAX", number: 1 })).toThrow(
      "SCMP_ARCH_VAX",
    );
  });

  test("ends on any bytes with an answer or with invalid", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        try {
          simulate(bytes, call);
          describeProgram(bytes);
        } catch (error) {
          expect(error).toMatchObject({ kind: "invalid", code: "seccomp.program" });
        }
      }),
    );
  });
});

describe("describeProgram()", () => {
  test("writes every instruction out", () => {
    const lines = describeProgram(
      program(
        [opcodes.load, 4],
        [opcodes.ifEqual, 0xc000_003e, 1],
        [opcodes.return, 0],
        [opcodes.load, 0],
        [opcodes.load, 28],
        [opcodes.load, 8],
        [opcodes.and, 255],
        [opcodes.jump, 1],
        [0x9999, 1],
        [opcodes.return, 0x0005_0026],
      ),
    );
    expect(lines).toEqual([
      "0: load architecture",
      "1: if == 0xc000003e go to 3, else 2",
      "2: answer SCMP_ACT_KILL_THREAD 0",
      "3: load call number",
      "4: load argument 1, high word",
      "5: load data at 8",
      "6: and 0xff",
      "7: go to 9",
      "8: operation 0x9999 0x1",
      "9: answer SCMP_ACT_ERRNO 38",
    ]);
  });
});
