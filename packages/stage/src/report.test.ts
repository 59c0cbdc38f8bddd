import fc from "fast-check";
import { expect, test } from "vitest";
import { createReportReader, type Report } from "./report.ts";

const kinds = ["pid", "told", "failed", "content", "executing"] as const;

function record(report: Report, kind = kinds.indexOf(report.kind) + 1): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt8(kind, 0);
  head.writeUInt8(report.streamed ? 1 : 0, 1);
  head.writeUInt16LE(report.lane, 2);
  head.writeUInt32LE(report.step, 4);
  head.writeInt32LE(report.error, 8);
  head.writeUInt32LE(report.bytes.length, 12);
  head.writeBigUInt64LE(report.value, 16);
  return Buffer.concat([head, report.bytes]);
}

const anyReport: fc.Arbitrary<Report> = fc.record({
  kind: fc.constantFrom(...kinds),
  streamed: fc.boolean(),
  lane: fc.nat({ max: 0xffff }),
  step: fc.nat({ max: 0xffffffff }),
  error: fc.integer({ min: -1, max: 133 }),
  value: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  bytes: fc.uint8Array({ maxLength: 300 }),
});

function readInPieces(bytes: Buffer, cuts: readonly number[]): Report[] {
  const reports: Report[] = [];
  const read = createReportReader((report) => reports.push({ ...report, bytes: Uint8Array.from(report.bytes) }));
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  places.slice(1).forEach((end, index) => {
    read(bytes.subarray(places[index], end));
  });
  return reports;
}

test("createReportReader() finds the records however the stream is cut", () => {
  fc.assert(
    fc.property(
      fc.array(anyReport, { maxLength: 8 }),
      fc.array(fc.nat({ max: 4000 }), { maxLength: 20 }),
      (reports, cuts) => {
        expect(readInPieces(Buffer.concat(reports.map((report) => record(report))), cuts)).toEqual(reports);
      },
    ),
  );
});

test("createReportReader() passes over kinds that it does not know", () => {
  const told: Report = {
    kind: "told",
    streamed: false,
    lane: 0,
    step: 1,
    error: 0,
    value: 2n,
    bytes: new Uint8Array(),
  };
  const bytes = Buffer.concat([record({ ...told, bytes: Buffer.from("new") }, 99), record(told)]);
  expect(readInPieces(bytes, [])).toEqual([told]);
});

test("createReportReader() says nothing of a record that is cut off by the end of the stream", () => {
  const failed: Report = {
    kind: "failed",
    streamed: false,
    lane: 0,
    step: 1,
    error: 2,
    value: 20n,
    bytes: Buffer.from("/a"),
  };
  const whole = record(failed);
  for (let end = 0; end < whole.length; end++) expect(readInPieces(whole.subarray(0, end), [])).toEqual([]);
});
