import type { BlockIoSpec, ThrottleDevice } from "@galley/spec";
import { invalid, numberText, type ResourceWrite, unsupported } from "./resource-write.ts";

const weightBounds = [10, 1000] as const;
const numbers = [0, 0xffff_ffff] as const;

type Throttle = readonly [
  list: "throttleReadBpsDevice" | "throttleWriteBpsDevice" | "throttleReadIOPSDevice" | "throttleWriteIOPSDevice",
  v1: string,
  v2: string,
];

const throttles: readonly Throttle[] = [
  ["throttleReadBpsDevice", "blkio.throttle.read_bps_device", "rbps"],
  ["throttleWriteBpsDevice", "blkio.throttle.write_bps_device", "wbps"],
  ["throttleReadIOPSDevice", "blkio.throttle.read_iops_device", "riops"],
  ["throttleWriteIOPSDevice", "blkio.throttle.write_iops_device", "wiops"],
];

/** Which scheduler's file takes the weights; the other one may not exist. */
export interface IoOptions {
  /** `bfq` for that scheduler's own file; `cost` for io.weight, version 2 only. */
  readonly weights?: "bfq" | "cost" | undefined;
}

/**
 * Turns a version 1 weight (10 to 1000) into a version 2 one (1 to 10000), linearly.
 *
 * @example
 * ioWeight(500); // 4950
 */
export function ioWeight(blockWeight: number): number {
  return 1 + Math.floor(((blockWeight - weightBounds[0]) * 9999) / 990);
}

/** Block devices for version 1. Weights go to the BFQ scheduler: the only one left that has them (kernel 5.0). */
export function ioWritesV1(io: BlockIoSpec): readonly ResourceWrite[] {
  refuseLeafWeights(io);
  return [
    ...weights(io, "blkio", { file: "blkio.bfq.weight", deviceFile: "blkio.bfq.weight_device", text: String }),
    ...throttles.flatMap(([list, file]) =>
      (io[list] ?? []).map((device) => ({
        controller: "blkio",
        file,
        text: `${deviceText(device)} ${rate(device)}`,
        why: `limit block device ${deviceText(device)}`,
      })),
    ),
  ];
}

/** Block devices for version 2. */
export function ioWritesV2(io: BlockIoSpec, options: IoOptions = {}): readonly ResourceWrite[] {
  refuseLeafWeights(io);
  const bfq = { file: "io.bfq.weight", deviceFile: "io.bfq.weight", text: String };
  const cost = { file: "io.weight", deviceFile: "io.weight", text: (weight: number) => String(ioWeight(weight)) };
  return [
    ...weights(io, "io", options.weights === "bfq" ? bfq : cost),
    ...throttles.flatMap(([list, , key]) =>
      (io[list] ?? []).map((device) => ({
        controller: "io",
        file: "io.max",
        text: `${deviceText(device)} ${key}=${device.rate === 0 ? "max" : rate(device)}`,
        why: `limit block device ${deviceText(device)}`,
      })),
    ),
  ];
}

/** Whether anything is asked of the block controller. */
export function asksIo(io: BlockIoSpec | undefined): boolean {
  if (!io) return false;
  const lists = [io.weightDevice, ...throttles.map(([list]) => io[list])];
  return Boolean(io.weight) || Boolean(io.leafWeight) || lists.some((list) => (list?.length ?? 0) > 0);
}

interface WeightFiles {
  readonly file: string;
  readonly deviceFile: string;
  readonly text: (weight: number) => string;
}

function weights(
  io: BlockIoSpec,
  controller: string,
  { file, deviceFile, text }: WeightFiles,
): readonly ResourceWrite[] {
  const checked = (weight: number): string => {
    numberText("block weight", weight, weightBounds);
    return text(weight);
  };
  const own = io.weight ? [{ controller, file, text: checked(io.weight), why: "weigh block devices" }] : [];
  const devices = (io.weightDevice ?? []).flatMap((device) =>
    device.weight
      ? [
          {
            controller,
            file: deviceFile,
            text: `${deviceText(device)} ${checked(device.weight)}`,
            why: `weigh block device ${deviceText(device)}`,
          },
        ]
      : [],
  );
  return [...own, ...devices];
}

function refuseLeafWeights(io: BlockIoSpec): void {
  if (io.leafWeight || io.weightDevice?.some(({ leafWeight }) => leafWeight)) {
    throw unsupported("block leaf weight", "the kernel has dropped the scheduler that had it");
  }
}

function deviceText({ major, minor }: { readonly major: number; readonly minor: number }): string {
  return `${numberText("major number", major, numbers)}:${numberText("minor number", minor, numbers)}`;
}

function rate({ rate: value }: ThrottleDevice): string {
  if (!Number.isInteger(value) || value < 0) throw invalid("rate of a block device", value);
  return String(BigInt(value));
}
