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

/* Dies with its parent: the kernel's signal, and a look whether it came too late. A change of ids, of capabilities or of the user
 * namespace takes the signal away (PR_SET_PDEATHSIG(2const)), so the steps that make one call this again. */
int follow_parent(void) {
  if (stage.outlives) return 0;
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) return -1;
  struct pollfd parent = {.fd = stage.parent};
  if (poll(&parent, 1, 0) > 0 && parent.revents & (POLLERR | POLLHUP | POLLNVAL)) _exit(1);
  return 0;
}

/* Before entering a container: nobody in there may trace this process or look into its proc files (PR_SET_DUMPABLE(2const)).
 * Not earlier, since an ordinary user could not write its own id maps then (proc_pid_uid_map(5)). */
void hide(void) { prctl(PR_SET_DUMPABLE, 0); }

/* Out of the way of the numbers that programs get. */
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

/* The child keeps of the lanes' pipes only the one that tells its parent about itself. */
static _Noreturn void start_child(uint16_t number, const int *executed) {
  close(executed[0]);
  if (stage.parent != CONTROL) close(stage.parent);
  for (uint16_t i = 0; i < stage.lane_count; i++) drop(&stage.lanes[i].executed);
  stage.parent = executed[1];
  stage.outlives = false;
  if (follow_parent() < 0) fail(errno);
  keep_ends(number, true);
  perform_lane(number);
}

static int drop_both(int *ends) {
  int error = errno;
  drop(&ends[0]);
  drop(&ends[1]);
  return errno = error, -1;
}

int do_clone(union argument *args) {
  uint16_t number = args[ARG_CLONE_LANE].number;
  struct lane *lane = &stage.lanes[number];
  int executed[2], pidfd = ABSENT;
  if (make_marks(number) < 0 || pipe2(executed, O_CLOEXEC) < 0) return -1;
  executed[0] = own(executed[0]);
  executed[1] = own(executed[1]);
  if (executed[0] < 0 || executed[1] < 0) return drop_both(executed);
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
  if (pid < 0) return drop_both(executed);
  if (pid == 0) start_child(number, executed);
  close(executed[1]);
  keep_ends(number, false);
  lane->pid = (pid_t)pid;
  lane->executed = executed[0];
  report(REPORT_PID, 0, (uint64_t)pid, (struct text){0});
  return fill_slot(args[ARG_CLONE_PIDFD].number, pidfd);
}

int do_unshare(union argument *args) {
  forget_parent();
  return unshare((int)namespace_flags(args[ARG_UNSHARE_NAMESPACES].u32)) < 0 ? -1 : follow_parent();
}

int do_setns(union argument *args) {
  hide();
  forget_parent();
  return setns(get_slot(args[ARG_SETNS_TARGET].number), (int)namespace_flags(args[ARG_SETNS_NAMESPACES].u32)) < 0 ? -1 : follow_parent();
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
  ssize_t sent;
  do sent = sendmsg(over, &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent;
}

int do_tell(union argument *args) {
  struct mark *mark = &stage.marks[args[ARG_TELL_MARK].number];
  if (mark->awaiter == NONE) {
    report(REPORT_TOLD, 0, args[ARG_TELL_MARK].number, (struct text){0});
    return 0;
  }
  if (mark->tell == ABSENT) return errno = EBADF, -1;
  if (send_mark(mark->tell, get_slot(args[ARG_TELL_SLOT].number)) >= 0) return 0;
  return errno == EPIPE ? peer_gone() : -1;
}

/* Sets `fd` when a descriptor came with the mark. */
static int receive_mark(int over, int *fd) {
  char byte, space[CMSG_SPACE(sizeof(int))];
  struct iovec part = {&byte, 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
  ssize_t got;
  do got = recvmsg(over, &message, MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  if (got <= 0) return got ? -1 : peer_gone();
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (header && header->cmsg_type == SCM_RIGHTS) memcpy(fd, CMSG_DATA(header), sizeof *fd);
  if (message.msg_flags & MSG_CTRUNC) return errno = EMFILE, -1; /* no number was free for it */
  return 0;
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
  int fd = ABSENT;
  if (receive_mark(mark->await, &fd) < 0) return -1;
  if (fd != ABSENT) return fill_slot(args[ARG_AWAIT_SLOT].number, fd);
  empty_slot(args[ARG_AWAIT_SLOT].number);
  return 0;
}

/* The lane's own report, if it could make one, came before this. */
static int ended(const struct lane *lane) {
  int status;
  pid_t pid;
  do pid = waitpid(lane->pid, &status, 0);
  while (pid < 0 && errno == EINTR);
  if (pid < 0) return -1;
  if (WIFEXITED(status) && !WEXITSTATUS(status)) return 0;
  if (WIFSIGNALED(status)) snprintf(stage.hint, sizeof stage.hint, "ended by signal %d", WTERMSIG(status));
  else snprintf(stage.hint, sizeof stage.hint, "ended with status %d", WEXITSTATUS(status));
  return errno = ECHILD, -1;
}

/* One byte and the end: executed. None: ended before that. Two: the exec failed. */
int do_executed(union argument *args) {
  const struct lane *lane = &stage.lanes[args[ARG_EXECUTED_LANE].number];
  char bytes[2];
  size_t done = 0;
  for (;;) {
    ssize_t got = read(lane->executed, bytes, sizeof bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    done += (size_t)got;
  }
  if (done == 1) return 0;
  if (ended(lane) < 0) return -1;
  hint("ended without executing a program");
  return errno = ECHILD, -1;
}

int do_finished(union argument *args) {
  const struct lane *lane = &stage.lanes[args[ARG_FINISHED_LANE].number];
  return lane->pid ? ended(lane) : (errno = ECHILD, -1);
}

static int out_of_the_way(int fd, int first) {
  return fd == ABSENT || fd >= first ? fd : fcntl(fd, F_DUPFD_CLOEXEC, first);
}

/* Gives the program its descriptors; a slot that is absent gives none. */
static int hand_over(struct list list) {
  int sources[FIRST_OWN], first = 0;
  if (list.count > FIRST_OWN) return errno = E2BIG, -1;
  for (uint32_t i = 0; i < list.count; i++)
    if (peek16(list.bytes + 4 * i + 2) >= first) first = peek16(list.bytes + 4 * i + 2) + 1;
  int told = out_of_the_way(stage.report, first); /* so that a failing exec can still be told */
  if (told < 0) return -1;
  stage.report = told;
  for (uint32_t i = 0; i < list.count; i++) { /* all of them before any number is taken */
    int fd = stage.slots[peek16(list.bytes + 4 * i)];
    sources[i] = out_of_the_way(fd, first);
    if (fd != ABSENT && sources[i] < 0) return -1;
  }
  for (uint32_t i = 0; i < list.count; i++)
    if (sources[i] != ABSENT && dup2(sources[i], peek16(list.bytes + 4 * i + 2)) < 0) return -1;
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

/* Tells whoever waits in `executed`: once before the exec, once more if that fails. */
static void tell_parent(void) {
  ssize_t wrote = 0;
  if (stage.parent != CONTROL) wrote = write(stage.parent, "x", 1);
  (void)wrote;
}

/* As execvp(3): a denied candidate is remembered, the search goes on; anything but its absence ends the search. */
static int execute(struct list candidates) {
  int error = 0;
  while (candidates.count) {
    const char *path = next_string(&candidates);
    execve(path, argv_space, env_space);
    bool missing = errno == ENOENT || errno == ENOTDIR, denied = errno == EACCES, final = !missing && !denied;
    if (!error || final || (denied && error != EACCES) || (errno == ENOENT && error == ENOTDIR)) {
      error = errno;
      hint(path);
    }
    if (final) break;
  }
  return errno = error ? error : ENOENT, -1;
}

int do_exec(union argument *args) {
  if (spread(args[ARG_EXEC_ARGV].list, argv_space) < 0 || spread(args[ARG_EXEC_ENV].list, env_space) < 0) return -1;
  if (hand_over(args[ARG_EXEC_DESCRIPTORS].list) < 0) return -1;
  report(REPORT_EXECUTING, 0, 0, (struct text){0});
  tell_parent();
  signal(SIGPIPE, SIG_DFL);
  int result = execute(args[ARG_EXEC_CANDIDATES].list), error = errno;
  signal(SIGPIPE, SIG_IGN);
  tell_parent();
  return errno = error, result;
}

int do_outlive(union argument *args) {
  (void)args;
  stage.outlives = true;
  return prctl(PR_SET_PDEATHSIG, 0);
}

int do_session(union argument *args) {
  (void)args;
  return setsid() < 0 ? -1 : 0;
}
