/* What a process is allowed and called: ids, capabilities, limits, filters, labels. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/magic.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "stage.h"

#define MAX_GROUPS 65536

int do_hostname(union argument *args) { return sethostname(args[ARG_HOSTNAME_NAME].text.bytes, args[ARG_HOSTNAME_NAME].text.length); }

int do_domainname(union argument *args) { return setdomainname(args[ARG_DOMAINNAME_NAME].text.bytes, args[ARG_DOMAINNAME_NAME].text.length); }

int do_resource_limit(union argument *args) {
  struct rlimit limit = {args[ARG_RESOURCE_LIMIT_SOFT].u64, args[ARG_RESOURCE_LIMIT_HARD].u64};
  return setrlimit((int)args[ARG_RESOURCE_LIMIT_RESOURCE].u32, &limit);
}

int do_groups(union argument *args) {
  static gid_t gids[MAX_GROUPS];
  struct list list = args[ARG_GROUPS_GIDS].list;
  if (list.count > MAX_GROUPS) return errno = E2BIG, -1;
  for (uint32_t i = 0; i < list.count; i++) gids[i] = peek32(list.bytes + 4 * i);
  return (int)syscall(SYS_setgroups, list.count, gids);
}

int do_ids(union argument *args) {
  uint32_t uid = args[ARG_IDS_UID].u32, gid = args[ARG_IDS_GID].u32;
  if (uid == UINT32_MAX || gid == UINT32_MAX) return errno = EINVAL, -1; /* to the kernel: leave it as it is */
  if (syscall(SYS_setresgid, gid, gid, gid) < 0 || syscall(SYS_setresuid, uid, uid, uid) < 0) return -1;
  return follow_parent();
}

int do_keep_capabilities(union argument *args) {
  (void)args;
  return prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
}

/* capabilities(7): numbers above the kernel's last one give EINVAL. */
int do_bounding_set(union argument *args) {
  for (int capability = 0; capability < 64; capability++) {
    if (args[ARG_BOUNDING_SET_MASK].u64 >> capability & 1 || !prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)) continue;
    int error = errno, there = error == EPERM ? prctl(PR_CAPBSET_READ, capability, 0, 0, 0) : 1;
    if (error == EINVAL || there < 0) return 0;
    if (there) return errno = error, -1;
  }
  return 0;
}

int do_capabilities(union argument *args) {
  uint64_t effective = args[ARG_CAPABILITIES_EFFECTIVE].u64, permitted = args[ARG_CAPABILITIES_PERMITTED].u64;
  uint64_t inheritable = args[ARG_CAPABILITIES_INHERITABLE].u64;
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2] = {
      {(uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable},
      {(uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32)},
  };
  return syscall(SYS_capset, &header, data) < 0 ? -1 : follow_parent();
}

int do_ambient_set(union argument *args) {
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0) return -1;
  for (unsigned long capability = 0; capability < 64; capability++)
    if (args[ARG_AMBIENT_SET_MASK].u64 >> capability & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) < 0) return -1;
  return 0;
}

int do_no_new_privileges(union argument *args) {
  (void)args;
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

int do_seccomp(union argument *args) {
  struct text program = args[ARG_SECCOMP_PROGRAM].text;
  uint32_t flags = args[ARG_SECCOMP_FLAGS].u32;
  size_t count = program.length / sizeof(struct sock_filter);
  if (program.length % sizeof(struct sock_filter) || !count || count > BPF_MAXINSNS) return errno = EINVAL, -1;
  struct sock_filter *copy = (struct sock_filter *)program.bytes; /* may lie unaligned: the kernel copies it bytewise */
  struct sock_fprog filter = {(unsigned short)count, copy};
  unsigned how = (flags & FLAG_SECCOMP_LOG ? SECCOMP_FILTER_FLAG_LOG : 0) |
                 (flags & FLAG_SECCOMP_SPECULATION_ALLOWED ? SECCOMP_FILTER_FLAG_SPEC_ALLOW : 0) |
                 (flags & FLAG_SECCOMP_THREAD_SYNC ? SECCOMP_FILTER_FLAG_TSYNC : 0);
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, how, &filter) ? -1 : 0;
}

static int write_proc(const char *path, const char *bytes, size_t length) {
  hint(path);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  int result = check_magic(fd, PROC_SUPER_MAGIC);
  if (!result) result = write_once(fd, bytes, length);
  int error = errno;
  close(fd);
  return errno = error, result;
}

int do_label(union argument *args) {
  static const char *const files[] = {"/proc/thread-self/attr/exec", "/proc/thread-self/attr/keycreate",
                                      "/proc/thread-self/attr/sockcreate", "/proc/thread-self/attr/fscreate"};
  struct text label = args[ARG_LABEL_LABEL].text;
  for (unsigned bit = 0; bit < 4; bit++)
    if (args[ARG_LABEL_ATTRIBUTE].u32 & (1u << bit) && write_proc(files[bit], label.bytes, label.length) < 0) return -1;
  return 0;
}

int do_umask(union argument *args) {
  umask(args[ARG_UMASK_MASK].u32 & 0777);
  return 0;
}

/* A working directory outside of the root would be a way out (CVE-2024-21626): getcwd(2) then says "(unreachable)". */
int do_chdir(union argument *args) {
  static char where[4096];
  int fd = open_beneath(args[ARG_CHDIR_AT].number, &args[ARG_CHDIR_PATH].text, O_PATH | O_DIRECTORY, 0);
  if (fd < 0) return -1;
  int result = fchdir(fd), error = errno;
  close(fd);
  if (result < 0) return errno = error, -1;
  if (syscall(SYS_getcwd, where, sizeof where) > 0 && where[0] == '/') return 0;
  error = where[0] == '/' || !where[0] ? errno : EXDEV;
  return chdir("/") < 0 ? -1 : (errno = error, -1);
}

int do_session_keyring(union argument *args) {
  return syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, args[ARG_SESSION_KEYRING_NAME].text.bytes) < 0 ? -1 : 0;
}

int do_device_filter(union argument *args) {
  struct text program = args[ARG_DEVICE_FILTER_PROGRAM].text;
  union bpf_attr load, attach;
  memset(&load, 0, sizeof load); /* all of it: bpf(2) refuses bits that it does not know */
  memset(&attach, 0, sizeof attach);
  if (!program.length || program.length % sizeof(struct bpf_insn)) return errno = EINVAL, -1;
  load.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  load.insns = (uint64_t)(uintptr_t)program.bytes;
  load.insn_cnt = program.length / (uint32_t)sizeof(struct bpf_insn);
  load.license = (uint64_t)(uintptr_t) "Apache-2.0";
  int fd = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof load);
  if (fd < 0) return -1;
  attach.attach_type = BPF_CGROUP_DEVICE;
  attach.target_fd = (uint32_t)get_slot(args[ARG_DEVICE_FILTER_CGROUP].number);
  attach.attach_bpf_fd = (uint32_t)fd;
  attach.attach_flags = BPF_F_ALLOW_MULTI;
  int result = (int)syscall(SYS_bpf, BPF_PROG_ATTACH, &attach, sizeof attach), error = errno;
  close(fd);
  return errno = error, result;
}

/* Each message must ask for an acknowledgement, or there would be nothing to wait for. */
static unsigned count_messages(struct text messages) {
  unsigned count = 0;
  const unsigned char *at = (const unsigned char *)messages.bytes;
  for (uint32_t left = messages.length; left; count++) {
    uint32_t length = left < sizeof(struct nlmsghdr) ? 0 : NLMSG_ALIGN(peek32(at));
    if (length < sizeof(struct nlmsghdr) || length > left || !(peek16(at + 6) & NLM_F_ACK)) return 0;
    at += length;
    left -= length;
  }
  return count;
}

/* rtnetlink answers before send(2) returns; an answer that is not there now would never come. */
static int take_acknowledgements(int fd, unsigned count) {
  char buffer[8192] __attribute__((aligned(8)));
  while (count) {
    ssize_t got = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return errno = got && errno != EAGAIN ? errno : EPROTO, -1;
    unsigned left = (unsigned)got;
    for (struct nlmsghdr *header = (void *)buffer; NLMSG_OK(header, left); header = NLMSG_NEXT(header, left)) {
      if (header->nlmsg_type != NLMSG_ERROR) continue;
      int error = ((struct nlmsgerr *)NLMSG_DATA(header))->error;
      if (error) return errno = -error, -1;
      count--;
    }
  }
  return 0;
}

int do_netlink(union argument *args) {
  struct text messages = args[ARG_NETLINK_MESSAGES].text;
  unsigned count = count_messages(messages);
  if (!count) return errno = EINVAL, -1;
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), brief = 1;
  if (fd < 0) return -1;
  int result = setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &brief, sizeof brief); /* answers do not repeat the message */
  if (!result) result = send(fd, messages.bytes, messages.length, 0) < 0 ? -1 : take_acknowledgements(fd, count);
  int error = errno;
  close(fd);
  return errno = error, result;
}

/* Field 22 of /proc/PID/stat, counted after the command, which may hold blanks and brackets (proc_pid_stat(5)). */
static int started_at(uint32_t pid, uint64_t *ticks) {
  char path[32], text[1024];
  snprintf(path, sizeof path, "/proc/%u/stat", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno = errno == ENOENT ? ESRCH : errno, -1;
  ssize_t got = check_magic(fd, PROC_SUPER_MAGIC) < 0 ? -1 : read(fd, text, sizeof text - 1);
  close(fd);
  if (got <= 0) return errno = ESRCH, -1;
  text[got] = 0;
  char *at = strrchr(text, ')');
  for (int field = 2; at && field < 22; field++) at = strchr(at + 1, ' ');
  if (!at) return errno = ESRCH, -1;
  *ticks = strtoull(at + 1, NULL, 10);
  return 0;
}

int do_open_process(union argument *args) {
  uint32_t pid = args[ARG_OPEN_PROCESS_PID].u32;
  uint64_t wanted = args[ARG_OPEN_PROCESS_START_TICKS].u64, ticks;
  int fd = (int)syscall(SYS_pidfd_open, pid, 0);
  if (fd < 0) return -1;
  if (wanted && (started_at(pid, &ticks) < 0 || ticks != wanted)) {
    close(fd);
    return errno = ESRCH, -1;
  }
  return fill_slot(args[ARG_OPEN_PROCESS_OUT].number, fd);
}

int do_signal(union argument *args) {
  return (int)syscall(SYS_pidfd_send_signal, get_slot(args[ARG_SIGNAL_PROCESS].number), args[ARG_SIGNAL_SIGNAL].u32, NULL, 0);
}
