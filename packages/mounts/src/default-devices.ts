import type { DeviceSpec } from "@galley/spec";

/** The devices that every container has (OCI runtime-spec, config-linux.md "Default Devices"; /dev/ptmx is a link). */
export const defaultDevices: readonly DeviceSpec[] = [
  ["/dev/null", 1, 3],
  ["/dev/zero", 1, 5],
  ["/dev/full", 1, 7],
  ["/dev/random", 1, 8],
  ["/dev/urandom", 1, 9],
  ["/dev/tty", 5, 0],
].map(([path, major, minor]) => ({ path, type: "c", major, minor, fileMode: 0o666, uid: 0, gid: 0 }) as DeviceSpec);
