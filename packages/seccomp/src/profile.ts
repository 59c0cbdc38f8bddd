import type { LinuxSeccomp, SeccompRule } from "./linux-seccomp.ts";

/**
 * A profile as users write it: what Docker and Podman read with `--security-opt seccomp=FILE`. Other than the OCI shape
 * it depends on the machine: on its processor, its kernel, and the container's capabilities.
 */
export interface SeccompProfile extends Omit<LinuxSeccomp, "syscalls"> {
  /** Which conventions to let in, by native one. Not together with `architectures`. */
  readonly archMap?: readonly ArchitectureEntry[];
  readonly syscalls: readonly ProfileRule[];
}

/** A native convention and those that the filter lets in beside it. */
export interface ArchitectureEntry {
  readonly architecture: string;
  readonly subArchitectures?: readonly string[];
}

/** A rule that holds on some machines only. */
export interface ProfileRule extends SeccompRule {
  readonly comment?: string;
  /** The rule is left out unless all of this is so. */
  readonly includes?: Circumstances;
  /** The rule is left out when any of this is so. */
  readonly excludes?: Circumstances;
}

/** What a rule may depend on. */
export interface Circumstances {
  /** Capabilities of the bounding set, as `CAP_SYS_ADMIN`. */
  readonly caps?: readonly string[];
  /** Processors in the names of profiles: `amd64`, `x86`, `arm64`, `s390x`. */
  readonly arches?: readonly string[];
  /** Lowest kernel, as `4.8`. */
  readonly minKernel?: string;
}
