import type { LinuxSpec } from "./runtime-linux.ts";
import type { ProcessSpec } from "./runtime-process.ts";

/** A container as a runtime sees it: `config.json` of a bundle (OCI runtime-spec 1.2, config.md; Linux only). */
export interface RuntimeSpec {
  readonly ociVersion: string;
  readonly process?: ProcessSpec;
  readonly root?: RootSpec;
  readonly hostname?: string;
  readonly domainname?: string;
  /** In order. */
  readonly mounts?: readonly MountSpec[];
  readonly hooks?: HooksSpec;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly linux?: LinuxSpec;
}

/** config.md "Root". */
export interface RootSpec {
  /** Absolute, or relative to the bundle. */
  readonly path: string;
  readonly readonly?: boolean;
}

/** config.md "Mounts". */
export interface MountSpec {
  readonly destination: string;
  readonly type?: string;
  readonly source?: string;
  readonly options?: readonly string[];
  readonly uidMappings?: readonly IdMapping[];
  readonly gidMappings?: readonly IdMapping[];
}

/** One range of user or group ids (config-linux.md "User namespace mappings"). */
export interface IdMapping {
  readonly containerID: number;
  readonly hostID: number;
  readonly size: number;
}

export type HookName = "prestart" | "createRuntime" | "createContainer" | "startContainer" | "poststart" | "poststop";

/** config.md "POSIX-platform Hooks". */
export type HooksSpec = Readonly<Partial<Record<HookName, readonly HookSpec[]>>>;

export interface HookSpec {
  readonly path: string;
  /** With the program's name first. */
  readonly args?: readonly string[];
  readonly env?: readonly string[];
  /** In seconds. */
  readonly timeout?: number;
}
