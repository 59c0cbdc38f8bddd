import { compileSeccomp } from "@galley/seccomp";
import { isGalleyError, platformOf } from "@galley/spec";
import { layerSystemCalls } from "@galley/storage";

let compiled: Uint8Array | undefined;

/** The system call filter for lanes that unpack layers; undefined for a processor that we have no numbers for. */
export function unpackFilter(): Uint8Array | undefined {
  try {
    const syscalls = [{ names: [...layerSystemCalls], action: "SCMP_ACT_ALLOW" as const }];
    compiled ??= compileSeccomp({ defaultAction: "SCMP_ACT_ERRNO", syscalls }, platformOf(process.arch));
    return compiled;
  } catch (error) {
    if (isGalleyError(error, "unsupported")) return undefined;
    throw error;
  }
}
