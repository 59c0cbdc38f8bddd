/*
 * galley-init: process 1 for programs that do not expect to be it. Starts the command, passes signals on to it, reaps whatever
 * is orphaned, and ends as the command ended: 128 + n for signal n.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void run(char **command, const sigset_t *mask) {
  setpgid(0, 0);
  tcsetpgrp(STDIN_FILENO, getpgrp()); /* fails where there is no terminal; SIGTTOU is blocked still */
  sigprocmask(SIG_SETMASK, mask, NULL);
  execvp(command[0], command);
  fprintf(stderr, "galley-init: %s: %s\n", command[0], strerror(errno));
  _exit(errno == ENOENT || errno == ENOTDIR ? 127 : 126);
}

/* Reaps all that have ended; returns the exit code once the command is among them, else -1. */
static int reap(pid_t command) {
  int status, code = -1;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
    if (pid == command) code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return code;
}

int main(int argc, char **argv) {
  int first = argc > 1 && !strcmp(argv[1], "--") ? 2 : 1;
  if (argc <= first) {
    fprintf(stderr, "usage: galley-init [--] COMMAND [ARG...]\n");
    return 126;
  }
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  pid_t command = fork();
  if (command < 0) {
    perror("galley-init: fork");
    return 126;
  }
  if (command == 0) run(argv + first, &before);
  for (;;) {
    siginfo_t info;
    if (sigwaitinfo(&all, &info) < 0) continue;
    if (info.si_signo != SIGCHLD) {
      kill(command, info.si_signo);
      continue;
    }
    int code = reap(command);
    if (code >= 0) return code;
  }
}
