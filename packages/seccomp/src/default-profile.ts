import type { ProfileRule, SeccompProfile } from "./profile.ts";

/*
 * The default profile, equal in effect to the one that Docker ships (moby/profiles, state of summer 2026). It is an allow
 * list: what is not named gets EPERM, and what is newer than anything named gets ENOSYS (see compileSeccomp).
 */

/** Calls that every container may make, by subject. */
const always = {
  "open files and their bytes":
    "open openat openat2 creat close close_range read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 " +
    "lseek _llseek truncate truncate64 ftruncate ftruncate64 fallocate dup dup2 dup3 fcntl fcntl64 flock ioctl " +
    "sendfile sendfile64 copy_file_range splice tee vmsplice readahead fadvise64 fadvise64_64 " +
    "sync syncfs fsync fdatasync sync_file_range name_to_handle_at memfd_create memfd_secret cachestat",
  "names and directories":
    "access faccessat faccessat2 chdir fchdir getcwd getdents getdents64 mkdir mkdirat rmdir mknod mknodat " +
    "link linkat symlink symlinkat readlink readlinkat rename renameat renameat2 unlink unlinkat",
  "owners, modes, times and attributes":
    "chmod fchmod fchmodat fchmodat2 chown chown32 fchown fchown32 fchownat lchown lchown32 umask " +
    "stat stat64 fstat fstat64 lstat lstat64 newfstatat fstatat64 statx statfs statfs64 fstatfs fstatfs64 " +
    "statmount listmount utime utimes futimesat utimensat utimensat_time64 " +
    "getxattr lgetxattr fgetxattr getxattrat setxattr lsetxattr fsetxattr setxattrat " +
    "listxattr llistxattr flistxattr listxattrat removexattr lremovexattr fremovexattr removexattrat",
  "waiting for files and events":
    "select _newselect pselect6 pselect6_time64 poll ppoll ppoll_time64 epoll_create epoll_create1 epoll_ctl epoll_ctl_old " +
    "epoll_wait epoll_wait_old epoll_pwait epoll_pwait2 eventfd eventfd2 signalfd signalfd4 " +
    "inotify_init inotify_init1 inotify_add_watch inotify_rm_watch fanotify_mark " +
    "io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents io_pgetevents_time64 pipe pipe2",
  sockets:
    "accept accept4 bind connect getpeername getsockname getsockopt setsockopt listen shutdown socketcall socketpair " +
    "send sendto sendmsg sendmmsg recv recvfrom recvmsg recvmmsg recvmmsg_time64",
  memory:
    "brk mmap mmap2 munmap mremap mprotect msync madvise mincore mseal mlock mlock2 mlockall munlock munlockall " +
    "remap_file_pages map_shadow_stack pkey_alloc pkey_free pkey_mprotect membarrier process_mrelease",
  "processes and threads":
    "fork vfork execve execveat exit exit_group wait4 waitid waitpid pidfd_open pidfd_send_signal " +
    "getpid getppid gettid getpgid getpgrp getsid setpgid setsid set_tid_address set_thread_area get_thread_area " +
    "get_robust_list set_robust_list futex futex_time64 futex_wait futex_waitv futex_wake futex_requeue rseq " +
    "prctl restart_syscall getcpu riscv_hwprobe uretprobe",
  "identity and limits":
    "getuid getuid32 geteuid geteuid32 getgid getgid32 getegid getegid32 getresuid getresuid32 getresgid getresgid32 " +
    "setuid setuid32 setgid setgid32 setreuid setreuid32 setregid setregid32 setresuid setresuid32 setresgid setresgid32 " +
    "setfsuid setfsuid32 setfsgid setfsgid32 getgroups getgroups32 setgroups setgroups32 capget capset " +
    "getrlimit ugetrlimit setrlimit prlimit64 getrusage uname sysinfo",
  "being scheduled":
    "getpriority setpriority ioprio_get ioprio_set sched_getaffinity sched_setaffinity sched_getattr sched_setattr " +
    "sched_getparam sched_setparam sched_getscheduler sched_setscheduler sched_get_priority_max sched_get_priority_min " +
    "sched_rr_get_interval sched_rr_get_interval_time64 sched_yield",
  signals:
    "kill tkill tgkill pause sigaltstack sigprocmask sigreturn rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo " +
    "rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo",
  "clocks and timers":
    "time times gettimeofday adjtimex clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 " +
    "clock_gettime clock_gettime64 clock_nanosleep clock_nanosleep_time64 nanosleep alarm getitimer setitimer " +
    "timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 " +
    "timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64",
  "System V and POSIX messages":
    "ipc msgctl msgget msgrcv msgsnd semctl semget semop semtimedop semtimedop_time64 shmat shmctl shmdt shmget " +
    "mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink",
  "locking oneself in, and chance":
    "seccomp landlock_add_rule landlock_create_ruleset landlock_restrict_self getrandom",
} as const;

/** Calls that go with a capability: then the kernel checks the rest. */
const byCapability = {
  CAP_BPF: "bpf",
  CAP_DAC_READ_SEARCH: "open_by_handle_at",
  CAP_PERFMON: "perf_event_open",
  CAP_SYSLOG: "syslog",
  CAP_SYS_ADMIN:
    "bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie lsm_get_self_attr lsm_list_modules " +
    "lsm_set_self_attr mount mount_setattr move_mount open_tree perf_event_open quotactl quotactl_fd setdomainname " +
    "sethostname setns syslog umount umount2 unshare",
  CAP_SYS_BOOT: "reboot",
  CAP_SYS_CHROOT: "chroot",
  CAP_SYS_MODULE: "delete_module init_module finit_module",
  CAP_SYS_NICE: "get_mempolicy mbind set_mempolicy set_mempolicy_home_node",
  CAP_SYS_PACCT: "acct",
  CAP_SYS_PTRACE: "kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace",
  CAP_SYS_RAWIO: "iopl ioperm",
  CAP_SYS_TIME: "settimeofday stime clock_settime clock_settime64",
  CAP_SYS_TTY_CONFIG: "vhangup",
} as const;

/** Calls that only some processors have or need. */
const byProcessor: readonly (readonly [names: string, arches: string])[] = [
  ["arch_prctl", "amd64 x32"],
  ["modify_ldt", "amd64 x32 x86"],
  ["arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls", "arm arm64"],
  ["sync_file_range2 swapcontext", "ppc64le"],
  ["s390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr", "s390 s390x"],
  ["riscv_flush_icache", "riscv64"],
];

/** Execution domains (personality(2)): Linux, 32-bit Linux, both with UNAME26, and the question for the present one. */
const personalities = [0x0, 0x8, 0x2_0000, 0x2_0008, 0xffff_ffff];

/** The CLONE_NEW* flags but CLONE_NEWTIME, which clone(2) cannot take. */
const newNamespaces = 0x7e02_0000;

const allow = (names: string): ProfileRule => ({ names: names.split(" "), action: "SCMP_ACT_ALLOW" });

const everywhere: readonly ProfileRule[] = Object.entries(always).map(([comment, names]) => ({
  ...allow(names),
  comment,
}));

const withCapability: readonly ProfileRule[] = Object.entries(byCapability).map(([capability, names]) => ({
  ...allow(names),
  includes: { caps: [capability] },
}));

const onProcessor: readonly ProfileRule[] = byProcessor.map(([names, arches]) => ({
  ...allow(names),
  includes: { arches: arches.split(" ") },
}));

const knownPersonalities: readonly ProfileRule[] = personalities.map((value) => ({
  ...allow("personality"),
  args: [{ index: 0, value, op: "SCMP_CMP_EQ" }],
}));

/** All address families but AF_ALG (38), a wide door into the kernel, and AF_VSOCK (40), which no namespace confines. */
const sockets: readonly ProfileRule[] = [
  { ...allow("socket"), args: [{ index: 0, value: 38, op: "SCMP_CMP_LT" }] },
  { ...allow("socket"), args: [{ index: 0, value: 39, op: "SCMP_CMP_EQ" }] },
  { ...allow("socket"), args: [{ index: 0, value: 40, op: "SCMP_CMP_GT" }] },
];

const noAdmin = ["CAP_SYS_ADMIN"];
const s390 = ["s390", "s390x"];

/** Without CAP_SYS_ADMIN a container makes processes but no namespaces. */
const makingProcesses: readonly ProfileRule[] = [
  {
    ...allow("clone"),
    args: [{ index: 0, value: newNamespaces, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }],
    excludes: { caps: noAdmin, arches: s390 },
  },
  {
    ...allow("clone"),
    comment: "the arguments are the other way round on s390",
    args: [{ index: 1, value: newNamespaces, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }],
    includes: { arches: s390 },
    excludes: { caps: noAdmin },
  },
  {
    names: ["clone3"],
    comment: "its flags lie in memory, out of sight of a filter; ENOSYS makes the C library use clone",
    action: "SCMP_ACT_ERRNO",
    errnoRet: 38,
    excludes: { caps: noAdmin },
  },
];

/** Since Linux 4.8 a tracer can no longer slip calls past a filter. */
const tracing: ProfileRule = {
  ...allow("process_vm_readv process_vm_writev ptrace"),
  includes: { minKernel: "4.8" },
};

/** Native conventions and those that their kernels serve as well. */
const families: Readonly<Record<string, string>> = {
  X86_64: "X86 X32",
  AARCH64: "ARM",
  MIPS64: "MIPS MIPS64N32",
  MIPS64N32: "MIPS MIPS64",
  MIPSEL64: "MIPSEL MIPSEL64N32",
  MIPSEL64N32: "MIPSEL MIPSEL64",
  S390X: "S390",
  RISCV64: "",
  LOONGARCH64: "",
};

const architectureName = (name: string): string => `SCMP_ARCH_${name}`;

/**
 * The profile for containers that ask for no other: equal in effect to Docker's current default.
 *
 * @example
 * compileSeccomp(resolveProfile(defaultProfile, { architecture: "amd64", capabilities: [], kernelVersion: "6.1.0" }), { architecture: "amd64" });
 */
export const defaultProfile: SeccompProfile = {
  defaultAction: "SCMP_ACT_ERRNO",
  defaultErrnoRet: 1,
  archMap: Object.entries(families).map(([native, others]) => ({
    architecture: architectureName(native),
    subArchitectures: others ? others.split(" ").map(architectureName) : [],
  })),
  syscalls: [
    ...everywhere,
    tracing,
    ...sockets,
    ...knownPersonalities,
    ...onProcessor,
    ...makingProcesses,
    ...withCapability,
  ],
};
