import { galleyError, type TimeOffset } from "@galley/spec";

const clocks = ["monotonic", "boottime"] as const;

/**
 * The text for `/proc/PID/timens_offsets` (time_namespaces(7)); no offsets give no bytes.
 *
 * @throws `invalid` for numbers that are not whole, or nanoseconds outside one second.
 *
 * @example
 * encodeTimeOffsets({ monotonic: { secs: 86400 } }); // "monotonic 86400 0\n"
 */
export function encodeTimeOffsets(offsets: Readonly<Partial<Record<(typeof clocks)[number], TimeOffset>>>): Uint8Array {
  const unknown = Object.keys(offsets).find((name) => !(clocks as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw galleyError("invalid", "namespaces.clock", `there is no time offset for clock ${unknown}`);
  const lines = clocks.flatMap((clock) => {
    const offset = offsets[clock];
    if (offset === undefined) return [];
    const { secs = 0, nanosecs = 0 } = offset;
    if (!Number.isSafeInteger(secs) || !Number.isInteger(nanosecs) || nanosecs < 0 || nanosecs > 999_999_999) {
      throw galleyError(
        "invalid",
        "namespaces.time-offset",
        `time offset of clock ${clock} is not a whole number of seconds and nanoseconds`,
      );
    }
    return [`${clock} ${secs} ${nanosecs}\n`];
  });
  return new TextEncoder().encode(lines.join(""));
}
