/** One record that stage sent. */
export interface Report {
  readonly kind: "pid" | "told" | "failed" | "content" | "executing";
  /** Whether `step` counts the streamed steps of the whole performance instead of the lane's own. */
  readonly streamed: boolean;
  /** The lane's number in the encoded plan. */
  readonly lane: number;
  /** The step's index, from 0. */
  readonly step: number;
  /** errno, for failures. */
  readonly error: number;
  /** The pid, the mark's number, or the operation's number. */
  readonly value: bigint;
  /** What a path or the kernel adds to a failure, or the content that was read. */
  readonly bytes: Uint8Array;
}

const headBytes = 24;
const kinds = new Map([
  [1, "pid"],
  [2, "told"],
  [3, "failed"],
  [4, "content"],
  [5, "executing"],
] as const);

/**
 * A reader of the report stream: feed it chunks as they come, it calls back with whole records. Kinds that it does not know are
 * passed over.
 */
export function createReportReader(onReport: (report: Report) => void): (chunk: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0);
  return (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]); // a record has at most 16 KiB
    for (let size = recordBytes(pending); size !== undefined; size = recordBytes(pending)) {
      const report = parseReport(pending.subarray(0, size));
      pending = pending.subarray(size);
      if (report) onReport(report);
    }
  };
}

function recordBytes(pending: Buffer): number | undefined {
  if (pending.length < headBytes) return undefined;
  const size = headBytes + pending.readUInt32LE(12);
  return pending.length < size ? undefined : size;
}

function parseReport(record: Buffer): Report | undefined {
  const kind = (kinds as ReadonlyMap<number, Report["kind"]>).get(record.readUInt8(0));
  if (!kind) return undefined;
  return {
    kind,
    streamed: record.readUInt8(1) === 1,
    lane: record.readUInt16LE(2),
    step: record.readUInt32LE(4),
    error: record.readInt32LE(8),
    value: record.readBigUInt64LE(16),
    bytes: record.subarray(headBytes),
  };
}
