import fc from "fast-check";
import { expect, test } from "vitest";
import { parseHole, parseTreeStatus, parseWalkProblem, parseWhole, walkRecordDecoder } from "./walk-records.ts";

const corrupt = expect.objectContaining({ kind: "corrupt" });

function record(type: number, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(type, 0);
  header.writeUInt32LE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

function entryPayload(mode: number, path: Buffer, target: Buffer, xattrs: [Buffer, Buffer][]): Buffer {
  const fixed = Buffer.alloc(80);
  fixed.writeUInt32LE(mode, 0);
  fixed.writeUInt32LE(1000, 4);
  fixed.writeUInt32LE(4294967294, 8);
  fixed.writeUInt32LE(2, 12);
  fixed.writeBigUInt64LE(5n, 16);
  fixed.writeBigInt64LE(-7n, 24);
  fixed.writeUInt32LE(999_999_999, 32);
  for (const [index, at] of [36, 40, 44, 48].entries()) fixed.writeUInt32LE(index + 1, at);
  fixed.writeBigUInt64LE(2n ** 64n - 1n, 52);
  fixed.writeBigUInt64LE(4096n, 60);
  fixed.writeUInt32LE(path.length, 68);
  fixed.writeUInt32LE(target.length, 72);
  fixed.writeUInt32LE(xattrs.length, 76);
  const parts = xattrs.flatMap(([name, value]) => {
    const lengths = Buffer.alloc(8);
    lengths.writeUInt32LE(name.length, 0);
    lengths.writeUInt32LE(value.length, 4);
    return [lengths, name, value];
  });
  return Buffer.concat([fixed, path, target, ...parts]);
}

test("parseTreeStatus() reads every field", () => {
  const payload = entryPayload(0o126755, Buffer.from("a/é"), Buffer.from("../b"), [
    [Buffer.from("user.x"), Buffer.of(0, 255)],
  ]);
  payload.writeUInt32LE(0o127755, 0);
  expect(() => parseTreeStatus(entryPayload(0o126755 & 0o7777, Buffer.from("a"), Buffer.alloc(0), []))).toThrow(
    corrupt,
  );
  payload.writeUInt32LE(0o120000 | 0o6755, 0);
  expect(parseTreeStatus(payload)).toEqual({
    path: "a/é",
    type: "symlink",
    mode: 0o6755,
    uid: 1000,
    gid: 4294967294,
    links: 2,
    sizeBytes: 5,
    allocatedBytes: 4096,
    mtimeSeconds: -7,
    mtimeNanoseconds: 999_999_999,
    device: { major: 1, minor: 2 },
    fileSystem: { major: 3, minor: 4 },
    inode: 2n ** 64n - 1n,
    linkTarget: "../b",
    xattrs: new Map([["user.x", Buffer.of(0, 255)]]),
  });
});

test("parseTreeStatus() keeps names that are not UTF-8 exactly: of the path, the link and the attribute", () => {
  const odd = Buffer.of(0x61, 0xff);
  const { path, linkTarget, xattrs } = parseTreeStatus(entryPayload(0o120777, odd, odd, [[odd, Buffer.of(0)]]));
  for (const name of [path, linkTarget, [...xattrs.keys()][0]]) expect(name).toBe("a\udcff");
});

test("parseTreeStatus() says corrupt to every cut and to a byte too many", () => {
  const whole = entryPayload(0o100644, Buffer.from("path"), Buffer.alloc(0), [[Buffer.from("n"), Buffer.from("v")]]);
  for (let length = 0; length < whole.length; length++) {
    expect(() => parseTreeStatus(whole.subarray(0, length)), String(length)).toThrow(corrupt);
  }
  expect(() => parseTreeStatus(Buffer.concat([whole, Buffer.of(0)]))).toThrow(corrupt);
});

test("parseTreeStatus(), parseWalkProblem(), parseWhole() and parseHole() throw nothing but corrupt at noise", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
      for (const parse of [parseTreeStatus, parseWalkProblem, parseWhole, parseHole]) {
        try {
          parse(Buffer.from(noise));
        } catch (error) {
          expect(error).toMatchObject({ kind: "corrupt" });
        }
      }
    }),
  );
});

test("walkRecordDecoder() gives back what was encoded, however it is cut", () => {
  const one = fc.record({ type: fc.integer({ min: 1, max: 6 }), payload: fc.uint8Array({ maxLength: 300 }) });
  fc.assert(
    fc.property(
      fc.array(one, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
      (records, cuts) => {
        const stream = Buffer.concat(records.map(({ type, payload }) => record(type, payload)));
        const decode = walkRecordDecoder();
        const got = [];
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const length = cuts[turn % cuts.length] as number;
          got.push(...decode(stream.subarray(at, at + length)));
          at += length;
        }
        expect(got.map(({ type, payload }) => ({ type, payload: new Uint8Array(payload) }))).toEqual(records);
      },
    ),
  );
});

test.each([0, 7, 257, 2 ** 31])("walkRecordDecoder() refuses type %i", (type) => {
  expect(() => walkRecordDecoder()(record(type, Buffer.alloc(0)))).toThrow(corrupt);
});

test("walkRecordDecoder() refuses a record of 4 GiB before it has it", () => {
  expect(() => walkRecordDecoder()(Buffer.from("01000000ffffffff", "hex"))).toThrow(corrupt);
});
