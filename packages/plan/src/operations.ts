/**
 * The closed set of operations: the one table from which come the TypeScript types (inferred below and in `step.ts`),
 * the argument checks of the C program (`scripts/generate.ts` writes `operations.h`) and the documentation
 * (`docs/operations.md`). A new operation needs a sentence that says why the existing ones cannot say it.
 *
 * Kinds of argument:
 * - `slot`: a descriptor produced by an earlier step; `out`: the slot this step fills
 * - `path`: beneath `at` when the operation has one, resolved in-root (openat2(2), RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
 *   without `at` an absolute host path, which is trusted
 * - `flags:x`: names out of the flag set `x` of `flags.ts`
 * - `descriptors`: slots with the number each gets in the executed program
 * A trailing `?` marks an argument that may be left out.
 */
export type ArgumentKind =
  | "slot"
  | "out"
  | "mark"
  | "lane"
  | "u32"
  | "u64"
  | "string"
  | "path"
  | "bytes"
  | "strings"
  | "numbers"
  | "descriptors"
  | `flags:${string}`;

/** One operation of the table. */
export interface Operation {
  /** Its number in the encoded plan; never reused. */
  readonly number: number;
  /** What it does, in one sentence. */
  readonly about: string;
  /** The manual pages that tell the rest. */
  readonly man: string;
  readonly arguments: Readonly<Record<string, ArgumentKind | `${ArgumentKind}?`>>;
}

/** The table. */
export const operations = {
  // lanes, marks and programs
  clone: {
    number: 1,
    about: "Start a child lane in new namespaces; its pid is reported.",
    man: "clone(2), CLONE_PIDFD, CLONE_INTO_CGROUP",
    arguments: { lane: "lane", namespaces: "flags:namespaces", cgroup: "slot?", pidfd: "out?" },
  },
  unshare: {
    number: 2,
    about: "Give this lane new namespaces.",
    man: "unshare(2)",
    arguments: { namespaces: "flags:namespaces" },
  },
  setns: {
    number: 3,
    about: "Join the named namespaces of a process (pidfd) or of a namespace file.",
    man: "setns(2)",
    arguments: { target: "slot", namespaces: "flags:namespaces" },
  },
  tell: {
    number: 4,
    about: "Pass a mark, with a descriptor where one is named; that a slot is absent is passed on, too.",
    man: "unix(7), SCM_RIGHTS",
    arguments: { mark: "mark", slot: "slot?" },
  },
  await: {
    number: 5,
    about: "Wait until a mark is told; the descriptor that came with it fills the slot.",
    man: "unix(7), SCM_RIGHTS",
    arguments: { mark: "mark", slot: "out?" },
  },
  executed: {
    number: 6,
    about: "Wait until a child lane has executed its program; its failure is this lane's.",
    man: "execve(2), FD_CLOEXEC",
    arguments: { lane: "lane" },
  },
  finished: {
    number: 7,
    about: "Wait until a child lane has ended; a status other than 0 is a failure.",
    man: "waitpid(2)",
    arguments: { lane: "lane" },
  },
  exec: {
    number: 8,
    about:
      "Become a program: the first of the candidate paths that can be executed; descriptors get their numbers, absent ones none.",
    man: "execve(2), environ(7)",
    arguments: { candidates: "strings", argv: "strings", env: "strings", descriptors: "descriptors" },
  },
  outlive: {
    number: 9,
    about: "Do not die with the parent any more.",
    man: "PR_SET_PDEATHSIG(2const)",
    arguments: {},
  },
  session: { number: 10, about: "Start a new session.", man: "setsid(2)", arguments: {} },
  openProcess: {
    number: 11,
    about: "Open a process by pid, checked against its start time (clock ticks after boot, 0 for any).",
    man: "pidfd_open(2), proc_pid_stat(5)",
    arguments: { pid: "u32", startTicks: "u64", out: "out" },
  },
  signal: {
    number: 12,
    about: "Send a signal to a process held by a pidfd.",
    man: "pidfd_send_signal(2)",
    arguments: { process: "slot", signal: "u32" },
  },
  receive: {
    number: 13,
    about: "Perform the steps that follow on the control stream, one by one, until it says end.",
    man: "unix(7)",
    arguments: {},
  },

  // descriptors
  open: {
    number: 20,
    about: "Open a path into a slot.",
    man: "openat2(2)",
    arguments: { at: "slot?", path: "path", flags: "flags:open", mode: "u32?", out: "out" },
  },
  close: { number: 21, about: "Empty a slot.", man: "close(2)", arguments: { slot: "slot" } },
  pipe: { number: 22, about: "Make a pipe.", man: "pipe2(2)", arguments: { read: "out", write: "out" } },
  listen: {
    number: 23,
    about: "Make a listening unix stream socket in a directory.",
    man: "unix(7), listen(2)",
    arguments: { at: "slot", name: "string", mode: "u32", out: "out" },
  },
  inherited: {
    number: 24,
    about: "Put a descriptor that this program was started with into a slot.",
    man: "fcntl(2), F_DUPFD_CLOEXEC",
    arguments: { descriptor: "u32", out: "out" },
  },
  lock: {
    number: 27,
    about: "Hold a shared lock on what a slot holds, until its last descriptor is closed.",
    man: "flock(2), LOCK_SH | LOCK_NB",
    arguments: { slot: "slot" },
  },
  terminal: {
    number: 25,
    about: "Open a pseudo-terminal: the master and its peer.",
    man: "pts(4), TIOCSPTLCK(2const), TIOCGPTPEER(2const)",
    arguments: { at: "slot", path: "path", rows: "u32", columns: "u32", master: "out", peer: "out" },
  },
  controlTerminal: {
    number: 26,
    about: "Make a terminal the controlling one of this session.",
    man: "TIOCSCTTY(2const)",
    arguments: { terminal: "slot" },
  },

  // files and directories
  mkdir: {
    number: 30,
    about: "Make a directory; of the mode the kernel takes no set-id bits.",
    man: "mkdirat(2)",
    arguments: { at: "slot?", path: "path", mode: "u32", flags: "flags:place?" },
  },
  symlink: {
    number: 31,
    about: "Make a symbolic link.",
    man: "symlinkat(2)",
    arguments: { at: "slot?", path: "path", target: "string", flags: "flags:place?" },
  },
  link: {
    number: 32,
    about: "Make a hard link to a path beneath the same slot.",
    man: "linkat(2)",
    arguments: { at: "slot", path: "path", existing: "path", flags: "flags:place?" },
  },
  mknod: {
    number: 33,
    about: "Make a device, fifo or socket node; mode holds type and permissions.",
    man: "mknodat(2)",
    arguments: { at: "slot?", path: "path", mode: "u32", major: "u32", minor: "u32", flags: "flags:place?" },
  },
  create: {
    number: 34,
    about: "Create a regular file, which must not exist, open for appending data.",
    man: "openat2(2), O_CREAT | O_EXCL",
    arguments: { at: "slot?", path: "path", mode: "u32", flags: "flags:place?", out: "out" },
  },
  data: {
    number: 35,
    about: "Append bytes to an open file.",
    man: "write(2)",
    arguments: { file: "slot", bytes: "bytes" },
  },
  hole: {
    number: 36,
    about: "Lengthen an open file by bytes that read as zero.",
    man: "ftruncate(2)",
    arguments: { file: "slot", sizeBytes: "u64" },
  },
  attributes: {
    number: 37,
    about: "Set owner, mode and times, never following a final link; an empty path means the slot itself.",
    man: "fchownat(2), fchmodat2(2), utimensat(2)",
    arguments: {
      at: "slot",
      path: "path",
      set: "flags:attributes",
      uid: "u32?",
      gid: "u32?",
      mode: "u32?",
      seconds: "u64?",
      nanoseconds: "u32?",
    },
  },
  xattr: {
    number: 38,
    about: "Set an extended attribute, never following a final link; an empty path means the slot itself.",
    man: "setxattr(2), setxattrat(2)",
    arguments: { at: "slot", path: "path", name: "string", value: "bytes" },
  },
  unlink: {
    number: 39,
    about: "Remove a name: a file, or with `directory` an empty directory.",
    man: "unlinkat(2)",
    arguments: { at: "slot?", path: "path", flags: "flags:unlink?" },
  },
  removeTree: {
    number: 40,
    about: "Remove a name and all beneath it, following no link and crossing no mount.",
    man: "unlinkat(2), openat2(2) RESOLVE_NO_XDEV",
    arguments: { at: "slot?", path: "path" },
  },
  rename: {
    number: 41,
    about:
      "Rename a path to another beneath the same slot, refusing to replace; or bring a name of the directory `from` there.",
    man: "renameat2(2), RENAME_NOREPLACE",
    arguments: { at: "slot", path: "path", to: "path", from: "slot?", flags: "flags:place?" },
  },
  write: {
    number: 42,
    about: "Write bytes to an existing file in one call, having checked the type of its file system.",
    man: "write(2), fstatfs(2)",
    arguments: { at: "slot?", path: "path", bytes: "bytes", flags: "flags:write?" },
  },
  syncFileSystem: {
    number: 43,
    about: "Flush the file system that holds a slot.",
    man: "syncfs(2)",
    arguments: { slot: "slot" },
  },
  read: {
    number: 45,
    about: "Report the beginning of a regular file, at most so many bytes.",
    man: "openat2(2), read(2)",
    arguments: { at: "slot?", path: "path", limitBytes: "u32" },
  },
  chroot: {
    number: 44,
    about: "Make a directory this lane's root and working directory.",
    man: "chroot(2), chdir(2)",
    arguments: { root: "slot" },
  },

  // mounts
  newFileSystem: {
    number: 50,
    about: "Make a new file system with options (`key=value` or `flag`) as a detached mount.",
    man: "fsopen(2), fsconfig(2), fsmount(2)",
    arguments: { type: "string", options: "strings", attributes: "flags:mount?", out: "out" },
  },
  openTree: {
    number: 51,
    about: "Clone the mount at a path as a detached mount.",
    man: "open_tree(2), OPEN_TREE_CLONE",
    arguments: { at: "slot?", path: "path", flags: "flags:tree?", out: "out" },
  },
  mountAttributes: {
    number: 52,
    about: "Set and clear attributes and the propagation of the mount at a path; an empty path means the slot itself.",
    man: "mount_setattr(2)",
    arguments: {
      at: "slot?",
      path: "path",
      set: "flags:mount?",
      clear: "flags:mount?",
      propagation: "flags:propagation?",
      flags: "flags:tree?",
    },
  },
  moveMount: {
    number: 53,
    about: "Attach a detached mount at a path.",
    man: "move_mount(2)",
    arguments: { mount: "slot", at: "slot?", path: "path" },
  },
  pivot: {
    number: 54,
    about: "Make an attached mount the root and detach the old one.",
    man: "pivot_root(2), umount2(2) MNT_DETACH",
    arguments: { root: "slot" },
  },
  unmount: {
    number: 55,
    about: "Detach the mount at a path.",
    man: "umount2(2), MNT_DETACH | UMOUNT_NOFOLLOW",
    arguments: { at: "slot?", path: "path" },
  },

  // the process
  hostname: { number: 60, about: "Set the host name.", man: "sethostname(2)", arguments: { name: "string" } },
  domainname: { number: 61, about: "Set the NIS domain name.", man: "setdomainname(2)", arguments: { name: "string" } },
  resourceLimit: {
    number: 62,
    about: "Set a resource limit (RLIMIT number, soft, hard; the largest u64 is unlimited).",
    man: "prlimit(2)",
    arguments: { resource: "u32", soft: "u64", hard: "u64" },
  },
  groups: { number: 63, about: "Set the supplementary groups.", man: "setgroups(2)", arguments: { gids: "numbers" } },
  ids: {
    number: 64,
    about: "Set the group id, then the user id: real, effective and saved.",
    man: "setresgid(2), setresuid(2)",
    arguments: { uid: "u32", gid: "u32" },
  },
  keepCapabilities: {
    number: 65,
    about: "Keep permitted capabilities when the user id changes.",
    man: "PR_SET_KEEPCAPS(2const)",
    arguments: {},
  },
  boundingSet: {
    number: 66,
    about: "Drop every capability that the mask does not name from the bounding set.",
    man: "PR_CAPBSET_DROP(2const)",
    arguments: { mask: "u64" },
  },
  capabilities: {
    number: 67,
    about: "Set the effective, permitted and inheritable sets.",
    man: "capset(2)",
    arguments: { effective: "u64", permitted: "u64", inheritable: "u64" },
  },
  ambientSet: {
    number: 68,
    about: "Make the ambient set exactly the mask.",
    man: "PR_CAP_AMBIENT(2const)",
    arguments: { mask: "u64" },
  },
  noNewPrivileges: {
    number: 69,
    about: "Let no later exec gain privileges.",
    man: "PR_SET_NO_NEW_PRIVS(2const)",
    arguments: {},
  },
  seccomp: {
    number: 70,
    about: "Load a system call filter (struct sock_filter[]).",
    man: "seccomp(2), SECCOMP_SET_MODE_FILTER",
    arguments: { program: "bytes", flags: "flags:seccomp?" },
  },
  label: {
    number: 71,
    about: "Set a security label of this thread: of the next exec, new keys, sockets or files.",
    man: "proc_pid_attr(5)",
    arguments: { attribute: "flags:label", label: "string" },
  },
  umask: { number: 72, about: "Set the file mode creation mask.", man: "umask(2)", arguments: { mask: "u32" } },
  chdir: {
    number: 73,
    about: "Change the working directory, which must lie inside the root.",
    man: "fchdir(2), getcwd(3)",
    arguments: { at: "slot?", path: "path" },
  },
  sessionKeyring: {
    number: 74,
    about: "Join a new session key ring of that name.",
    man: "keyctl_join_session_keyring(3)",
    arguments: { name: "string" },
  },
  deviceFilter: {
    number: 75,
    about: "Load an eBPF program of type cgroup device and attach it to a cgroup v2 directory.",
    man: "bpf(2), BPF_PROG_TYPE_CGROUP_DEVICE",
    arguments: { cgroup: "slot", program: "bytes" },
  },
  netlink: {
    number: 76,
    about: "Send netlink messages (route protocol) and wait for an acknowledgement of each.",
    man: "netlink(7), rtnetlink(7)",
    arguments: { messages: "bytes" },
  },
} as const satisfies Record<string, Operation>;

/** The name of an operation. */
export type OperationName = keyof typeof operations;
