import { galleyError } from "@galley/spec";

function majorMinor(version: string): readonly [number, number] {
  const match = /^(\d{1,5})\.(\d{1,5})/.exec(version);
  if (match) return [Number(match[1]), Number(match[2])];
  throw galleyError("invalid", "seccomp.kernel-version", `kernel version ${JSON.stringify(version)} is not like 4.8`);
}

/** Whether a kernel (`uname -r`) is at least a version; only the first two numbers count. `isKernelAtLeast("6.18.44-x", "4.8")` */
export function isKernelAtLeast(kernelVersion: string, wanted: string): boolean {
  const [major, minor] = majorMinor(kernelVersion);
  const [wantedMajor, wantedMinor] = majorMinor(wanted);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}
