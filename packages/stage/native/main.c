/*
 * stage: performs the plan that comes in on descriptor 3 and reports on descriptor 4. It holds no policy: whoever may write
 * the plan already has the power that it uses. Never install it setuid.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/memfd.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "stage.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

struct stage stage;

static const int all_seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

static int sealed_copy(int self) {
  struct stat info;
  if (fstat(self, &info) < 0) return -1;
  int copy = memfd_create("stage", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
  if (copy < 0 && errno == EINVAL) copy = memfd_create("stage", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (copy < 0) return -1;
  off_t done = 0;
  while (done < info.st_size)
    if (sendfile(copy, self, &done, (size_t)(info.st_size - done)) <= 0) return -1;
  return fcntl(copy, F_ADD_SEALS, all_seals) < 0 ? -1 : copy;
}

/* Goes on as a sealed copy, so that nothing inside a container can write to this program through /proc/PID/exe (CVE-2019-5736). */
static void seal(char **argv, char **env) {
  int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (self < 0) fail(errno);
  if (fcntl(self, F_GET_SEALS) == all_seals) {
    close(self);
    return;
  }
  int copy = sealed_copy(self);
  if (copy < 0) fail(errno);
  syscall(SYS_execveat, copy, "", argv, env, AT_EMPTY_PATH);
  fail(errno);
}

/* Dies with the caller: the kernel's signal, and a look whether it came too late. */
static void follow_parent(void) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) fail(errno);
  struct pollfd control = {.fd = CONTROL, .events = POLLIN};
  if (poll(&control, 1, 0) > 0 && (control.revents & (POLLHUP | POLLERR | POLLNVAL)) && !(control.revents & POLLIN)) _exit(1);
}

static void reset_signals(void) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  signal(SIGPIPE, SIG_IGN);
}

int main(int argc, char **argv, char **env) {
  follow_parent();
  if (argc > 1 && !strcmp(argv[1], "--sealed")) seal(argv, env);
  if (syscall(SYS_close_range, 0, ~0u, CLOSE_RANGE_CLOEXEC) < 0) fail(errno);
  prctl(PR_SET_DUMPABLE, 0);
  reset_signals();
  umask(0);
  stage.shared = mmap(NULL, sizeof *stage.shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (stage.shared == MAP_FAILED) return 1;
  load_plan();
  perform_lane(0);
}
