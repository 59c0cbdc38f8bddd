import { galleyError } from "@galley/spec";
import { isBeneath } from "./destination.ts";

/** What may be mounted over inside /proc: files that emulators of a smaller machine provide. */
export const replaceableProcFiles: readonly string[] = [
  "/proc/cpuinfo",
  "/proc/diskstats",
  "/proc/loadavg",
  "/proc/meminfo",
  "/proc/slabinfo",
  "/proc/stat",
  "/proc/swaps",
  "/proc/sys/crypto/fips_enabled",
  "/proc/sys/kernel/ns_last_pid",
  "/proc/uptime",
];

/**
 * Refuses mounts onto /proc that are not proc, and mounts beneath it but for a few files: the runtime's own writes to
 * proc must reach proc (CVE-2019-16884, CVE-2025-52881).
 *
 * @throws `forbidden`
 *
 * @example
 * guardProc({ destination: "/proc/meminfo", type: "bind", source: "/srv/meminfo" }); // fine
 */
export function guardProc(mount: {
  readonly destination: string;
  readonly type: string;
  readonly source?: string | undefined;
}): void {
  const { destination, type, source } = mount;
  if (!isBeneath(destination, "/proc") || replaceableProcFiles.includes(destination)) return;
  if (destination !== "/proc") {
    throw galleyError(
      "forbidden",
      "mounts.inside-proc",
      `mount on ${destination}: only single known files inside /proc can be mounted over`,
    );
  }
  if (type !== "proc" && !(type === "bind" && source === "/proc")) {
    throw galleyError("forbidden", "mounts.proc", `mount on /proc: ${type} is not a proc file system`);
  }
}
