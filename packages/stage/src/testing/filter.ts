/** System call numbers of the processors that these tests run on (syscalls(2)). */
const numbers: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  x64: { close: 3, getpid: 39, prctl: 157, keyctl: 250, getcwd: 79, umask: 95, chmod: 90 },
  arm64: { close: 57, getpid: 172, prctl: 167, keyctl: 219, getcwd: 17, umask: 166 },
};

/** A filter (struct sock_filter[]) that answers one system call with an errno and allows all others. */
export function denying(call: string, errno: number): Uint8Array {
  const number = numbers[process.arch]?.[call];
  if (number === undefined) throw new Error(`no number of ${call} on ${process.arch}`);
  const instructions = [
    [0x20, 0, 0, 0], // load the number
    [0x15, 0, 1, number], // is it that one?
    [0x06, 0, 0, 0x00050000 | errno], // SECCOMP_RET_ERRNO
    [0x06, 0, 0, 0x7fff0000], // SECCOMP_RET_ALLOW
  ] as const;
  const bytes = Buffer.alloc(8 * instructions.length);
  instructions.forEach(([code, yes, no, value], index) => {
    bytes.writeUInt16LE(code, 8 * index);
    bytes.writeUInt8(yes, 8 * index + 2);
    bytes.writeUInt8(no, 8 * index + 3);
    bytes.writeUInt32LE(value, 8 * index + 4);
  });
  return bytes;
}
