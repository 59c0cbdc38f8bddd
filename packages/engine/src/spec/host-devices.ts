import { readdirSync, statSync } from "node:fs";
import type { DeviceSpec } from "@galley/spec";

/** Of the container itself, or of the host's terminals: a privileged container gets none of these. */
const skipped = /^\/dev\/(pts|shm|mqueue|fd|console|ptmx|tty[0-9]+|hugepages|\.)/;

/** The host's devices, for privileged containers, as podman passes them on. */
export function hostDevices(directory = "/dev"): DeviceSpec[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = `${directory}/${entry.name}`;
    if (skipped.test(path)) return [];
    if (entry.isDirectory()) return hostDevices(path);
    return entry.isCharacterDevice() || entry.isBlockDevice() ? describe(path) : [];
  });
}

/** A device may vanish between the two looks. */
function describe(path: string): DeviceSpec[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return [];
  const { major, minor } = deviceNumbers(found.rdev);
  const type = found.isBlockDevice() ? "b" : "c";
  return [{ path, type, major, minor, fileMode: found.mode & 0o7777, uid: found.uid, gid: found.gid }];
}

/** As gnu_dev_major and gnu_dev_minor (makedev(3)) take a number apart. */
export function deviceNumbers(device: number): { major: number; minor: number } {
  const bits = BigInt(device);
  const major = ((bits >> 8n) & 0xfffn) | ((bits >> 32n) & 0xfffff000n);
  const minor = (bits & 0xffn) | ((bits >> 12n) & 0xffffff00n);
  return { major: Number(major), minor: Number(minor) };
}
