import type { CreateContainerOptions } from "@galley/engine";

/** One way to run the probe, in the words of both engines. */
export interface Scenario {
  readonly name: string;
  /** Flags of `podman create` before the image. */
  readonly podman: readonly string[];
  readonly galley: Omit<CreateContainerOptions, "image">;
  /** Make every system call as well. */
  readonly calls?: boolean;
  /** Run a second probe by exec and look at that one. */
  readonly exec?: boolean;
}

/** What is compared. */
export const scenarios = {
  plain: { name: "by default", podman: [], galley: {}, calls: true },
  user: { name: "as user 1000:1000", podman: ["--user", "1000:1000"], galley: { process: { user: "1000:1000" } } },
  readOnly: { name: "with --read-only", podman: ["--read-only"], galley: { files: { readOnlyRoot: true } } },
  dropAll: {
    name: "with --cap-drop ALL",
    podman: ["--cap-drop", "ALL"],
    galley: { security: { dropCapabilities: ["ALL"] } },
  },
  noNewPrivileges: {
    name: "with no-new-privileges",
    podman: ["--security-opt", "no-new-privileges"],
    galley: { security: { noNewPrivileges: true } },
  },
  userWithCapability: {
    name: "as user 1000:1000 with --cap-add NET_ADMIN",
    podman: ["--user", "1000:1000", "--cap-add", "NET_ADMIN"],
    galley: { process: { user: "1000:1000" }, security: { addCapabilities: ["NET_ADMIN"] } },
  },
  unconfined: {
    name: "with seccomp=unconfined",
    podman: ["--security-opt", "seccomp=unconfined"],
    galley: { security: { seccomp: "unconfined" } },
    calls: true,
  },
  privileged: { name: "with --privileged", podman: ["--privileged"], galley: { security: { privileged: true } } },
  terminal: {
    name: "with a terminal",
    podman: ["--tty", "--interactive"],
    galley: { process: { terminal: true, openStdin: true } },
  },
  hostNetwork: { name: "with --network host", podman: ["--network", "host"], galley: { network: "host" } },
  exec: { name: "by exec", podman: [], galley: {}, exec: true },
  execTerminal: {
    name: "by exec with a terminal",
    podman: ["--tty"],
    galley: { process: { terminal: true } },
    exec: true,
  },
} as const satisfies Record<string, Scenario>;
