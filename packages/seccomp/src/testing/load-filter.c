/* Loads a filter from a file and makes system calls under it, each in a child of its own.
   load-filter FILE < calls; a call is a line: way (64 or 32), number, six arguments; the answer is a line:
   value N | errno N | signal N. Calls must be harmless: they are really made. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static long call64(unsigned long n, unsigned long *a) {
  register unsigned long r10 __asm__("r10") = a[3], r8 __asm__("r8") = a[4], r9 __asm__("r9") = a[5];
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(n), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
  return result;
}

/* The sixth argument (ebp) is left alone. */
static long call32(unsigned long n, unsigned long *a) {
  long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(n), "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]), "D"(a[4]) : "r8", "r9", "r10", "r11", "memory");
  return (int)result;
}

int main(int argc, char **argv) {
  static struct sock_filter filter[4096];
  FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
  if (!file) return 2;
  struct sock_fprog program = {.len = fread(filter, sizeof *filter, 4096, file), .filter = filter};
  int way;
  unsigned long n, a[6];
  while (scanf("%d %lu %lu %lu %lu %lu %lu %lu", &way, &n, a, a + 1, a + 2, a + 3, a + 4, a + 5) == 8) {
    int ends[2];
    long result = 0;
    if (pipe(ends)) return 3;
    pid_t child = fork();
    if (child == 0) {
      if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)) {
        fprintf(stderr, "cannot load the filter: %s\n", strerror(errno));
        _exit(9);
      }
      result = way == 64 ? call64(n, a) : call32(n, a);
      if (write(ends[1], &result, sizeof result) != sizeof result) _exit(8);
      _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    close(ends[1]);
    if (WIFSIGNALED(status)) printf("signal %d\n", WTERMSIG(status));
    else if (WEXITSTATUS(status) || read(ends[0], &result, sizeof result) != sizeof result) return 4;
    else if (result < 0) printf("errno %ld\n", -result);
    else printf("value %ld\n", result);
    close(ends[0]);
  }
  return 0;
}
