import { hostname } from "node:os";
import type { CapabilitySet } from "@galley/capabilities";
import type { SeccompProfile } from "@galley/seccomp";
import type { RuntimeSpec } from "@galley/spec";
import type { Identity } from "../containers/accounts.ts";
import type { ContainerRecord } from "../containers/container-record.ts";
import type { ImageRecord } from "../images/image-record.ts";
import { containerMounts, type GeneratedFiles } from "./container-mounts.ts";
import { linuxSpec } from "./linux-spec.ts";
import { processSpec } from "./process-spec.ts";

/** What a container's specification is made from. */
export interface SpecParts {
  readonly record: ContainerRecord;
  readonly image: ImageRecord;
  readonly identity: Identity;
  /** Files that the engine makes for the container, by their place inside it. */
  readonly files: GeneratedFiles;
  readonly seccompProfile: SeccompProfile | undefined;
  readonly host: SpecHost;
}

/** What a specification depends on that is the host's. */
export interface SpecHost {
  /** In OCI's words: "amd64". */
  readonly architecture: string;
  /** As uname(2) has it. */
  readonly kernelVersion: string;
  /** What this process could pass on at most: its bounding set. */
  readonly capabilities: CapabilitySet;
}

/**
 * The OCI runtime specification of a container (config.md). Of the image's configuration only what is named in
 * `ImageProcess` gets here; labels and annotations of images never do.
 */
export function containerSpec(parts: SpecParts): RuntimeSpec {
  const { record } = parts;
  const { options } = record;
  const process = processSpec(parts);
  return {
    ociVersion: "1.2.1",
    process,
    root: { path: "rootfs", readonly: options.files?.readOnlyRoot ?? false },
    hostname: containerHostname(record),
    mounts: containerMounts(options, parts.files),
    annotations: { "org.galley.container": record.id },
    linux: linuxSpec(parts, process),
  };
}

/** The host name inside: as asked for, or the beginning of the id, or the host's own with its network. */
export function containerHostname({ id, options }: ContainerRecord): string {
  return options.hostname ?? (options.network === "host" ? hostname() : id.slice(0, 12));
}
