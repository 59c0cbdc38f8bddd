/*
 * For the tests: plays the stage's part. Makes pipes or a terminal, starts the payload, and becomes the keeper.
 *   keeper-launch KEEPER WHAT... -- KEEPER-ARGUMENT... -- PAYLOAD [ARGUMENT...]
 * WHAT: stdin stdout stderr pty pidns, or listen|log|run|keep PATH.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static char *keeper_arguments[128];
static int keeper_count;

static int checked(int result, const char *what) {
  if (result < 0) {
    perror(what);
    exit(99);
  }
  return result;
}

static void give(const char *name, int fd) {
  char number[16];
  fcntl(fd, F_SETFD, 0);
  snprintf(number, sizeof number, "%d", fd);
  keeper_arguments[keeper_count++] = strdup(name);
  keeper_arguments[keeper_count++] = strdup(number);
}

static int listen_at(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int fd = checked(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
  snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
  checked(bind(fd, (struct sockaddr *)&address, sizeof address), "bind");
  checked(listen(fd, 128), "listen");
  return fd;
}

/* Our end goes to the keeper, the payload's end is returned. */
static int stream_pipe(const char *name, int ours) {
  int ends[2];
  checked(pipe2(ends, O_CLOEXEC), "pipe2");
  give(name, ends[ours]);
  return ends[1 - ours];
}

int main(int argc, char **argv) {
  int payload[3] = {-1, -1, -1}, terminal = -1, i = 2;
  keeper_arguments[keeper_count++] = argc > 1 ? argv[1] : "";
  for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
    const char *what = argv[i];
    if (strcmp(what, "stdin") == 0) payload[0] = stream_pipe("--stdin", 1);
    else if (strcmp(what, "stdout") == 0) payload[1] = stream_pipe("--stdout", 0);
    else if (strcmp(what, "stderr") == 0) payload[2] = stream_pipe("--stderr", 0);
    else if (strcmp(what, "pidns") == 0) checked(unshare(CLONE_NEWPID), "unshare");
    else if (strcmp(what, "pty") == 0) {
      int unlocked = 0, master = checked(open("/dev/ptmx", O_RDWR | O_NOCTTY), "/dev/ptmx");
      checked(ioctl(master, TIOCSPTLCK, &unlocked), "TIOCSPTLCK");
      terminal = checked(ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC), "TIOCGPTPEER");
      give("--pty", master);
    } else if (strcmp(what, "listen") == 0 && i + 1 < argc) give("--listen", listen_at(argv[++i]));
    else if (strcmp(what, "log") == 0 && i + 1 < argc) give("--log", checked(open(argv[++i], O_WRONLY | O_CREAT | O_APPEND, 0600), "log"));
    else if (strcmp(what, "run") == 0 && i + 1 < argc) give("--run", checked(open(argv[++i], O_RDONLY | O_DIRECTORY), "run"));
    else if (strcmp(what, "keep") == 0 && i + 1 < argc) give("--keep", checked(open(argv[++i], O_RDONLY | O_DIRECTORY), "keep"));
    else return 98;
  }
  pid_t pid = -1;
  char **keeper_end = argv + ++i;
  while (i < argc && strcmp(argv[i], "--") != 0) i++;
  if (i + 1 >= argc) return 97;
  pid = checked(fork(), "fork");
  if (pid == 0) {
    setsid();
    if (terminal >= 0) ioctl(terminal, TIOCSCTTY, 0);
    for (int number = 0; number < 3; number++) {
      int from = terminal >= 0 ? terminal : payload[number] >= 0 ? payload[number] : open("/dev/null", O_RDWR | O_CLOEXEC);
      dup2(from, number);
    }
    syscall(SYS_close_range, 3, ~0U, 0);
    execvp(argv[i + 1], argv + i + 1);
    _exit(127);
  }
  give("--child", checked((int)syscall(SYS_pidfd_open, pid, 0), "pidfd_open"));
  for (char **argument = keeper_end; strcmp(*argument, "--") != 0; argument++) keeper_arguments[keeper_count++] = *argument;
  for (int number = 0; number < 3; number++)
    if (payload[number] >= 0) close(payload[number]);
  if (terminal >= 0) close(terminal);
  execv(argv[1], keeper_arguments);
  perror(argv[1]);
  return 96;
}
