/* Lanes, marks and programs: the steps that make processes and let them meet. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stage.h"

#define MAX_STRINGS 65536

uint64_t namespace_flags(uint32_t flags) {
  static const uint64_t kernel[] = {CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET,
                                    CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWCGROUP, CLONE_NEWTIME};
  uint64_t result = 0;
  for (unsigned bit = 0; bit < sizeof kernel / sizeof *kernel; bit++)
    if (flags & (1u << bit)) result |= kernel[bit];
  return result;
}

static int own(int fd) {
  if (fd < 0) return fd;
  int moved = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_OWN);
  close(fd);
  return moved;
}

/* Is `lane` this one or one that hangs beneath it? */
static bool beneath(uint16_t lane, uint16_t ancestor) {
  for (int at = lane; at >= 0; at = stage.lanes[at].parent)
    if (at == ancestor) return true;
  return false;
}

static int make_marks(uint16_t child) {
  for (uint16_t i = 0; i < stage.mark_count; i++) {
    struct mark *mark = &stage.marks[i];
    bool needed = mark->teller != NONE && mark->awaiter != NONE && (beneath(mark->teller, child) || beneath(mark->awaiter, child));
    if (!needed || mark->tell != ABSENT || mark->await != ABSENT) continue;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) return -1;
    mark->tell = own(ends[0]);
    mark->await = own(ends[1]);
    if (mark->tell < 0 || mark->await < 0) return -1;
  }
  return 0;
}

static void drop(int *fd) {
  if (*fd != ABSENT) close(*fd);
  *fd = ABSENT;
}

/* Keeps only the ends that the lanes on this side of a clone use, so that a dead peer reads as end of file. */
static void keep_ends(uint16_t child, bool inside) {
  for (uint16_t i = 0; i < stage.mark_count; i++) {
    struct mark *mark = &stage.marks[i];
    if (mark->teller == NONE || mark->awaiter == NONE) continue;
    if (beneath(mark->teller, child) != inside) drop(&mark->tell);
    if (beneath(mark->awaiter, child) != inside) drop(&mark->await);
  }
}

static _Noreturn void start_child(uint16_t number, const int *executed) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) _exit(1);
  close(executed[0]);
  struct pollfd parent = {.fd = executed[1]};
  if (poll(&parent, 1, 0) > 0 && parent.revents & POLLERR) _exit(1); /* the parent died before the prctl */
  keep_ends(number, true);
  perform_lane(number);
}

int do_clone(union argument *args) {
  uint16_t number = args[ARG_CLONE_LANE].number;
  struct lane *lane = &stage.lanes[number];
  int executed[2], pidfd = ABSENT;
  if (make_marks(number) < 0 || pipe2(executed, O_CLOEXEC) < 0) return -1;
  executed[0] = own(executed[0]);
  executed[1] = own(executed[1]);
  struct clone_args clone = {
      .flags = namespace_flags(args[ARG_CLONE_NAMESPACES].u32) | CLONE_PIDFD,
      .pidfd = (uint64_t)(uintptr_t)&pidfd,
      .exit_signal = SIGCHLD,
  };
  if (args[ARG_CLONE_CGROUP].number != NONE) {
    clone.flags |= CLONE_INTO_CGROUP;
    clone.cgroup = (uint64_t)get_slot(args[ARG_CLONE_CGROUP].number);
  }
  long pid = syscall(SYS_clone3, &clone, sizeof clone);
  if (pid < 0) return -1;
  if (pid == 0) start_child(number, executed);
  close(executed[1]);
  keep_ends(number, false);
  lane->pid = (pid_t)pid;
  lane->executed = executed[0];
  report(REPORT_PID, stage.step, 0, (uint64_t)pid, (struct text){0});
  return fill_slot(args[ARG_CLONE_PIDFD].number, pidfd);
}

int do_unshare(union argument *args) { return unshare((int)namespace_flags(args[ARG_UNSHARE_NAMESPACES].u32)); }

int do_setns(union argument *args) {
  return setns(get_slot(args[ARG_SETNS_TARGET].number), (int)namespace_flags(args[ARG_SETNS_NAMESPACES].u32));
}

static ssize_t send_mark(int over, int fd) {
  char byte = 1, space[CMSG_SPACE(sizeof fd)] = {0};
  struct iovec part = {&byte, 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (fd != ABSENT) {
    message.msg_control = space;
    message.msg_controllen = sizeof space;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    *header = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof fd)};
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
  }
  return sendmsg(over, &message, MSG_NOSIGNAL);
}

int do_tell(union argument *args) {
  struct mark *mark = &stage.marks[args[ARG_TELL_MARK].number];
  if (mark->awaiter == NONE) {
    report(REPORT_TOLD, stage.step, 0, args[ARG_TELL_MARK].number, (struct text){0});
    return 0;
  }
  if (mark->tell == ABSENT) return errno = EBADF, -1;
  if (send_mark(mark->tell, get_slot(args[ARG_TELL_SLOT].number)) < 0) peer_gone();
  return 0;
}

static int receive_mark(int over) {
  char byte, space[CMSG_SPACE(sizeof(int))];
  struct iovec part = {&byte, 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
  ssize_t got;
  do got = recvmsg(over, &message, MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  if (got < 0) return -1;
  if (got == 0) peer_gone();
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  int fd = ABSENT;
  if (header && header->cmsg_type == SCM_RIGHTS) memcpy(&fd, CMSG_DATA(header), sizeof fd);
  return fd == ABSENT ? 0 : fd;
}

int do_await(union argument *args) {
  struct mark *mark = &stage.marks[args[ARG_AWAIT_MARK].number];
  if (mark->teller == NONE) {
    unsigned char told[2];
    control_read(told, sizeof told);
    if (peek16(told) != args[ARG_AWAIT_MARK].number) broken("another mark was told");
    return 0;
  }
  if (mark->await == ABSENT) return errno = EBADF, -1;
  int fd = receive_mark(mark->await);
  if (fd <= 0) return fd;
  return fill_slot(args[ARG_AWAIT_SLOT].number, fd);
}

int do_executed(union argument *args) {
  char byte;
  ssize_t got;
  do got = read(stage.lanes[args[ARG_EXECUTED_LANE].number].executed, &byte, 1);
  while (got < 0 && errno == EINTR);
  if (got < 0) return -1;
  if (__atomic_load_n(&stage.shared->failed, __ATOMIC_SEQ_CST)) _exit(1);
  return 0;
}

int do_finished(union argument *args) {
  int status;
  pid_t pid;
  do pid = waitpid(stage.lanes[args[ARG_FINISHED_LANE].number].pid, &status, 0);
  while (pid < 0 && errno == EINTR);
  if (pid < 0) return -1;
  if (WIFEXITED(status) && !WEXITSTATUS(status)) return 0;
  if (__atomic_load_n(&stage.shared->failed, __ATOMIC_SEQ_CST)) _exit(1);
  snprintf(stage.hint, sizeof stage.hint, "ended with status 0x%x", status);
  return errno = ECHILD, -1;
}

static int hand_over(struct list list) {
  const unsigned char *at = list.bytes;
  int sources[FIRST_OWN];
  if (list.count > FIRST_OWN) return errno = E2BIG, -1;
  for (uint32_t i = 0; i < list.count; i++) { /* first out of the way of all numbers */
    int fd = stage.slots[peek16(at + 4 * i)];
    sources[i] = fd == ABSENT ? ABSENT : fcntl(fd, F_DUPFD_CLOEXEC, FIRST_OWN);
    if (fd != ABSENT && sources[i] < 0) return -1;
  }
  /* the report goes on from a number of its own, so that a failing exec can still be told */
  for (uint32_t i = 0; i < list.count; i++)
    if (peek16(at + 4 * i + 2) == REPORT || peek16(at + 4 * i + 2) == CONTROL) return errno = EINVAL, -1;
  for (uint32_t i = 0; i < list.count; i++)
    if (sources[i] != ABSENT && dup2(sources[i], peek16(at + 4 * i + 2)) < 0) return -1;
  return 0;
}

static char *argv_space[MAX_STRINGS], *env_space[MAX_STRINGS];

static int spread(struct list list, char **into) {
  if (list.count >= MAX_STRINGS) return errno = E2BIG, -1;
  uint32_t count = list.count;
  for (uint32_t i = 0; i < count; i++) into[i] = (char *)next_string(&list);
  into[count] = NULL;
  return 0;
}

int do_exec(union argument *args) {
  struct list candidates = args[ARG_EXEC_CANDIDATES].list;
  if (spread(args[ARG_EXEC_ARGV].list, argv_space) < 0 || spread(args[ARG_EXEC_ENV].list, env_space) < 0) return -1;
  if (hand_over(args[ARG_EXEC_DESCRIPTORS].list) < 0) return -1;
  signal(SIGPIPE, SIG_DFL);
  int first = ENOENT;
  while (candidates.count) { /* as execvp(3): a denied candidate is remembered, the search goes on */
    const char *path = next_string(&candidates);
    execve(path, argv_space, env_space);
    if (first == ENOENT) hint(path);
    if (errno == EACCES || first == ENOENT) first = errno;
    if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) break;
  }
  return errno = first, -1;
}

int do_outlive(union argument *args) {
  (void)args;
  return prctl(PR_SET_PDEATHSIG, 0);
}

int do_session(union argument *args) {
  (void)args;
  return setsid() < 0 ? -1 : 0;
}
