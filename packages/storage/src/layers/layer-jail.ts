import { readFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { type Slot, type Step, slot, stepper } from "@galley/plan";

const step = stepper("storage");

/** A directory of ours and the slot that it is to be found in. */
export interface Place {
  readonly path: string;
  readonly slot: Slot;
}

/**
 * The system calls that a lane makes while it receives a layer's steps, by name; those that a processor does not have count for nothing.
 * For whoever compiles the filter of `ApplyLayerOptions`.
 */
export const layerSystemCalls: readonly string[] = [
  // what it is told, what it tells, and its end
  ...[
    "read",
    "recvfrom",
    "recvmsg",
    "poll",
    "ppoll",
    "write",
    "writev",
    "sendto",
    "sendmsg",
    "exit",
    "exit_group",
    "rt_sigreturn",
  ],
  ...["brk", "mmap", "munmap", "madvise", "restart_syscall"],
  // finding places
  ...["openat", "openat2", "close", "fcntl", "fstat", "newfstatat", "statx", "fstatfs", "getdents64"],
  // making and unmaking names
  ...["mkdirat", "symlinkat", "linkat", "mknodat", "unlinkat", "renameat2"],
  // content and attributes
  ...[
    "lseek",
    "ftruncate",
    "fchownat",
    "fchmod",
    "fchmodat",
    "fchmodat2",
    "utimensat",
    "setxattr",
    "setxattrat",
    "chmod",
  ],
  ...["syncfs", "umask"],
];

/** How strict a jail is. */
export interface LayerJailOptions {
  /** The capabilities that this process has, as a mask; those that it lacks cannot be kept. */
  readonly held?: bigint;
  /** A system call filter, loaded last (seccomp(2)): without it the capability to administrate could undo the mounts. */
  readonly filter?: Uint8Array | undefined;
}

/** capabilities(7), by number: what making files of any owner, mode and kind takes. */
const capabilities = {
  chown: 0n,
  dacOverride: 1n,
  /** linkat(2) with AT_EMPTY_PATH, before Linux 6.10. */
  dacReadSearch: 2n,
  fileOwner: 3n,
  fileSetId: 4n,
  /** Attributes in `trusted.`, such as overlayfs' marks. */
  systemAdministration: 21n,
  makeNodes: 27n,
  setFileCapabilities: 31n,
} as const;

const needed = Object.values(capabilities).reduce<bigint>((sum, bit) => sum | (1n << bit), 0n);

/**
 * The capabilities of this process as a mask (proc_pid_status(5), CapPrm); undefined where it cannot jail: it may not mount, or lives in
 * a user namespace, where /proc cannot be mounted anew (mount_namespaces(7)).
 */
export function jailerCapabilities(): bigint | undefined {
  try {
    const digits = /^CapPrm:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1];
    const held = BigInt(`0x${digits}`);
    const isInitial = /^\s*0\s+0\s+4294967295\s*$/.test(readFileSync("/proc/self/uid_map", "latin1"));
    return isInitial && held & (1n << capabilities.systemAdministration) ? held : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Steps that shut a lane in with some directories before it gets the steps of a layer: a mount namespace of its own, whose root holds
 * nothing but those directories (nothing in them is a device, a program or setuid to this lane) and its own entries of /proc; the
 * capabilities that making files takes; no way to gain others. The directories are opened into their slots from inside, so that
 * no path and no descriptor leads elsewhere. They share one mount, between them names can be moved.
 *
 * Only where `jailerCapabilities` gives some; elsewhere a lane has hardly a capability to lose.
 *
 * @example
 * const steps = [...layerJail([{ path: "/store/x/tree", slot: root }]), step("receive", {}, "make the layer's files")];
 */
export function layerJail(places: readonly Place[], { held = needed, filter }: LayerJailOptions = {}): Step[] {
  const mask = needed & held;
  const base = commonParent(places.map(({ path }) => path));
  const [store, jail, proc] = [slot("store"), slot("jail"), slot("processes")];
  const closed = ["noSuid", "noDev", "noExec"] as const;
  const open = ({ path, slot }: Place) =>
    step(
      "open",
      { path: `/store/${relative(base, path)}`, flags: ["read", "directory", "noFollow"], out: slot },
      `open ${path}`,
    );
  return [
    step("unshare", { namespaces: ["mount"] }, "see mounts of its own"),
    step("mountAttributes", { path: "/", propagation: ["private"], flags: ["recursive"] }, "tell nobody of its mounts"),
    step("openTree", { path: base, flags: ["noFollow"], out: store }, "take the layer's directories"),
    step("mountAttributes", { at: store, path: "", set: closed }, "run and open nothing that is in them"),
    step(
      "newFileSystem",
      { type: "tmpfs", options: ["size=64k", "nr_inodes=8", "mode=755"], attributes: closed, out: jail },
      "make an empty root",
    ),
    step(
      "newFileSystem",
      { type: "proc", options: ["subset=pid"], attributes: ["readOnly", ...closed], out: proc },
      "make /proc, by which old kernels change what is held open",
    ),
    step("mkdir", { at: jail, path: "store", mode: 0o700 }, "make a place for them"),
    step("mkdir", { at: jail, path: "proc", mode: 0o700 }, "make /proc"),
    step("moveMount", { mount: jail, path: base }, "attach the root"),
    step("moveMount", { mount: store, at: jail, path: "store" }, "attach them"),
    step("moveMount", { mount: proc, at: jail, path: "proc" }, "attach /proc"),
    step("mountAttributes", { at: jail, path: "", set: ["readOnly"] }, "keep the root as it is"),
    step("pivot", { root: jail }, "leave the host's files"),
    ...places.map(open),
    ...[store, jail, proc].map((each) => step("close", { slot: each }, `let go of the ${each.slot}`)),
    step("noNewPrivileges", {}, "gain nothing more"),
    step("capabilities", { effective: mask, permitted: mask, inheritable: 0n }, "keep what making files takes"),
    ...(filter ? [step("seccomp", { program: filter }, "keep to the system calls that making files takes")] : []),
  ];
}

/** The lowest directory that holds all of them, each one beneath it. */
function commonParent(paths: readonly string[]): string {
  return paths.map(dirname).reduce((common, path) => {
    let at = common;
    while (at !== "/" && path !== at && !path.startsWith(`${at}/`)) at = dirname(at);
    return at;
  });
}
