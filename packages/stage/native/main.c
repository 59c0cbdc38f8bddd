/*
 * stage: performs the plan that comes in on descriptor 3 and reports on descriptor 4. It holds no policy: whoever may write
 * the plan already has the power that it uses. Never install it setuid.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/memfd.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
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
  for (off_t done = 0; done < info.st_size;) {
    ssize_t sent = sendfile(copy, self, &done, (size_t)(info.st_size - done));
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return errno = sent ? errno : EIO, -1;
  }
  return fcntl(copy, F_ADD_SEALS, all_seals) < 0 ? -1 : copy;
}

/* Goes on as a sealed copy, so that nothing inside a container can write to this program through /proc/PID/exe (CVE-2019-5736). */
static void seal(char **argv, char **env) {
  hint("sealed copy of the program");
  int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (self < 0) fail(errno);
  int seals = fcntl(self, F_GET_SEALS); /* EINVAL where the file is no memfd */
  if (seals >= 0 && (seals & all_seals) == all_seals) {
    close(self);
    return;
  }
  int copy = sealed_copy(self);
  if (copy < 0) fail(errno);
  syscall(SYS_execveat, copy, "", argv, env, AT_EMPTY_PATH);
  fail(errno);
}

/* Programs inherit the mask and what is ignored (execve(2)); Node has reset the latter between fork and exec. */
static void reset_signals(void) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGPIPE, SIG_IGN);
}

int main(int argc, char **argv, char **env) {
  stage.report = REPORT;
  stage.parent = CONTROL;
  if (follow_parent() < 0) fail(errno);
  if (argc > 1 && !strcmp(argv[1], "--sealed")) seal(argv, env);
  if (syscall(SYS_close_range, 0, ~0u, CLOSE_RANGE_CLOEXEC) < 0) fail(errno);
  reset_signals();
  umask(0);
  load_plan();
  perform_lane(0);
}
