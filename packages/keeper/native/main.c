/* The life of a keeper, from top to bottom. */
#define _GNU_SOURCE
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Whatever a terminal or a vanished reader may send: the keeper outlives both. */
static const int ignored[] = {SIGPIPE, SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGALRM, SIGUSR1, SIGUSR2};

static void set_signals(void (*action)(int)) {
  sigset_t none;
  for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) signal(ignored[i], action);
  signal(SIGCHLD, SIG_DFL); /* ignoring it would reap the child unseen, waitpid(2) NOTES */
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Removes the cgroups; a group may stay busy for a moment after its last process has gone. */
static void remove_directories(void) {
  for (int i = 0; i < options.rmdir_count; i++) {
    struct timespec pause = {0, 1000000};
    for (int tries = 0; rmdir(options.rmdirs[i]) < 0 && errno == EBUSY && tries < 6; tries++, pause.tv_nsec *= 2) nanosleep(&pause, NULL);
  }
}

static void kill_child(void) {
  struct pollfd child = {.fd = options.child, .events = POLLIN};
  if (options.child < 0 || syscall(SYS_pidfd_send_signal, options.child, SIGKILL, NULL, 0) < 0) return;
  poll(&child, 1, 2000);
  waitid((idtype_t)3 /* P_PIDFD */, (id_t)options.child, NULL, WEXITED | WNOHANG);
  remove_directories();
}

/* The start failed: says so to whoever waits (byte 2, errno, text) and takes the child down with it. */
void fail(int error, const char *what) {
  char bytes[256] = {2, (char)error, (char)(error >> 8), (char)(error >> 16), (char)(error >> 24)};
  size_t length = strlen(what);
  if (length > sizeof bytes - 5) length = sizeof bytes - 5;
  memcpy(bytes + 5, what, length);
  kill_child();
  ssize_t told = options.ready < 0 ? 0 : write(options.ready, bytes, 5 + length);
  _exit(told < 0 ? 2 : 1);
}

/* Lets go of the caller's terminal, pipes and directory. */
static void let_go(void) {
  if (syscall(SYS_close_range, 3, ~0U, 4 /* CLOSE_RANGE_CLOEXEC */) < 0 && errno != ENOSYS && errno != EINVAL) fail(errno, "close_range");
  int null = open("/dev/null", O_RDWR);
  if (null < 0 || chdir("/") < 0) fail(errno, "/dev/null");
  for (int number = 0; number < 3; number++)
    if (!arguments_name(number) && null != number) dup2(null, number);
  if (null > 2) close(null);
  umask(077);
}

static void tell_ready(void) {
  if (options.ready < 0) return;
  if (write(options.ready, "\1", 1) < 0 && errno == EBADF) fail(errno, "--ready"); /* a reader that has gone is no error */
  close(options.ready);
  options.ready = -1;
}

int main(int argc, char **argv) {
  struct ending ending = {0};
  set_signals(SIG_IGN);
  arguments_read(argc, argv);
  let_go();
  record_begin();
  record_pid();
  relay_begin();
  attach_begin();
  tell_ready();

  relay_until_dead(&ending);
  /* Without a known ending there is no exit record: the container's state is then unknown, never a silent 0. */
  if (ending.known) record_exit_compose(&ending);
  remove_directories();
  if (ending.known) {
    const char *record;
    size_t length = record_exit_write(&record);
    attach_exited(record, length);
  }
  relay_farewell();

  if (options.then == NULL || attach_acknowledged()) return 0;
  set_signals(SIG_DFL);
  execv(options.then[0], options.then);
  return 1;
}
