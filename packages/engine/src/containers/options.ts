/** Limits of a container; what is left out is not limited. */
export interface ResourceOptions {
  readonly memoryBytes?: number;
  /** Memory and swap together; -1 is unlimited swap. */
  readonly memorySwapBytes?: number;
  /** Processors' worth of time: 0.5 is half of one. */
  readonly cpus?: number;
  /** -1 is unlimited. */
  readonly pidsLimit?: number;
  readonly ulimits?: readonly Ulimit[];
}

/** One resource limit by its name in getrlimit(2) without RLIMIT_, in lower case; -1 is unlimited. */
export interface Ulimit {
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

/** What runs in a container, and as whom. */
export interface ProcessOptions {
  /** Replaces the image's command. */
  readonly command?: readonly string[];
  /** Replaces the image's entrypoint; an empty list clears it. */
  readonly entrypoint?: readonly string[];
  /** Added to the image's environment; a later name replaces an earlier one. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
  /** `user`, `user:group`, `uid`, `uid:gid`: names are looked up in the container's own files. */
  readonly user?: string;
  readonly terminal?: boolean;
  /** Keeps standard input open. */
  readonly openStdin?: boolean;
  /** Runs our own init as process 1, which reaps and forwards signals. */
  readonly init?: boolean;
}

/** A seccomp profile: the default one, none, or the JSON text of a profile in Docker's or Podman's form. */
export type SeccompChoice = "default" | "unconfined" | { readonly text: string; readonly path: string };

/** What a container may do. */
export interface SecurityOptions {
  readonly privileged?: boolean;
  /** Names with or without CAP_; "ALL" stands for all. */
  readonly addCapabilities?: readonly string[];
  readonly dropCapabilities?: readonly string[];
  readonly seccomp?: SeccompChoice;
  /** The texts after `label=`: "disable", "type:…", "level:…". */
  readonly labels?: readonly string[];
  readonly noNewPrivileges?: boolean;
  /** Paths to hide besides the default ones. */
  readonly maskedPaths?: readonly string[];
  /** Paths not to hide; "ALL" stands for all. */
  readonly unmaskedPaths?: readonly string[];
}

/** A directory or file of the host, in the container. */
export interface BindMount {
  readonly hostPath: string;
  readonly containerPath: string;
  /** OCI mount options: "ro", "rbind", "nosuid", "rshared", … */
  readonly options: readonly string[];
}

/** A new file system in memory. */
export interface TmpfsMount {
  readonly containerPath: string;
  /** OCI mount options: "size=64m", "mode=1777", "noexec", … */
  readonly options: readonly string[];
}

/** What a container sees of files. */
export interface FileOptions {
  readonly binds?: readonly BindMount[];
  readonly tmpfs?: readonly TmpfsMount[];
  readonly readOnlyRoot?: boolean;
}

/** How a container is stopped and what becomes of it. */
export interface LifeOptions {
  /** "SIGTERM", "TERM" or a number. */
  readonly stopSignal?: string;
  readonly stopTimeoutS?: number;
  /** Remove the container when it has ended. */
  readonly autoRemove?: boolean;
}

/** Everything about a container to be created. */
export interface CreateContainerOptions {
  /** The image as the user named it. */
  readonly image: string;
  readonly name?: string;
  readonly hostname?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly network?: "none" | "host";
  readonly process?: ProcessOptions;
  readonly resources?: ResourceOptions;
  readonly security?: SecurityOptions;
  readonly files?: FileOptions;
  readonly life?: LifeOptions;
}
