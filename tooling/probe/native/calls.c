// Makes every system call by number, each in a child of its own, with arguments that the kernel refuses or that do no
// harm: -1 is no descriptor, no address, no flag set and no size. What is allowed ends in the kernel's own errno.
#include "probe.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#if !defined(__x86_64__)
#error "the numbers of other processors are missing here"
#endif

enum convention { native, x32, i386 };

// x86-64 reads its calls by `syscall`, with bit 30 for x32; i386's come by `int $0x80`. The stack pointer is 0 meanwhile:
// a return from a signal that never was then always ends in SIGSEGV.
static inline __attribute__((always_inline)) long call_native(long number, const long *arguments) {
  register long r10 __asm__("r10") = arguments[3];
  register long r8 __asm__("r8") = arguments[4];
  register long r9 __asm__("r9") = arguments[5];
  long result;
  __asm__ volatile("mov %%rsp, %%rbx\n\txor %%esp, %%esp\n\tsyscall\n\tmov %%rbx, %%rsp"
                   : "=a"(result)
                   : "a"(number), "D"(arguments[0]), "S"(arguments[1]), "d"(arguments[2]), "r"(r10), "r"(r8), "r"(r9)
                   : "rbx", "rcx", "r11", "memory");
  return result;
}

static inline __attribute__((always_inline)) long call_i386(long number, const long *arguments) {
  int result;
  __asm__ volatile("mov %%rsp, %%r12\n\tmov %%rbp, %%r13\n\txor %%esp, %%esp\n\tmov $-1, %%ebp\n\tint $0x80\n\t"
                   "mov %%r12, %%rsp\n\tmov %%r13, %%rbp"
                   : "=a"(result)
                   : "a"((int)number), "b"((int)arguments[0]), "c"((int)arguments[1]), "d"((int)arguments[2]),
                     "S"((int)arguments[3]), "D"((int)arguments[4])
                   : "r8", "r9", "r10", "r11", "r12", "r13", "memory");
  return result;
}

struct call {
  enum convention convention;
  long number;
  long arguments[6];
};

// What fork or vfork leaves behind must do nothing: not even return.
static inline __attribute__((always_inline)) void leave_if_other(pid_t self) {
  static const long none[6];
  if (call_native(39 /* getpid */, none) != self) call_native(231 /* exit_group */, none);
}

static __attribute__((noinline)) void perform(const struct call *call, int report) {
  pid_t self = getpid();
  struct rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  setsid(); // vhangup must find no terminal
  long result = call->convention == i386 ? call_i386(call->number, call->arguments)
                                         : call_native(call->number | (call->convention == x32 ? 0x40000000 : 0), call->arguments);
  leave_if_other(self);
  if (write(report, &result, sizeof result) < 0) _exit(2);
  _exit(0);
}

// pause and the old sigsuspend wait for a signal, whatever their arguments are.
static int patience_ms(const struct call *call) {
  int waits = call->convention == i386 ? call->number == 29 || call->number == 72 : call->number == 34;
  return waits ? 100 : 30000;
}

static void describe_end(char *text, size_t size, int status) {
  if (WIFSIGNALED(status)) snprintf(text, size, "signal %d", WTERMSIG(status));
  else snprintf(text, size, "exit %d", WEXITSTATUS(status));
}

static void try_call(const char *key, const struct call *call) {
  char text[32] = "waits";
  int pipe_ends[2], status;
  if (pipe(pipe_ends) < 0) return json_text(key, "no pipe");
  fflush(stdout);
  pid_t child = fork();
  if (child < 0) return json_text(key, "no process");
  if (child == 0) perform(call, pipe_ends[1]);
  close(pipe_ends[1]);
  struct pollfd waiting = {.fd = pipe_ends[0], .events = POLLIN};
  if (poll(&waiting, 1, patience_ms(call)) == 0) kill(child, SIGKILL);
  waitpid(child, &status, 0);
  long result;
  ssize_t got = read(pipe_ends[0], &result, sizeof result);
  close(pipe_ends[0]);
  if (got == sizeof result) return json_outcome(key, result < 0 && result > -4096 ? result : 0);
  if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) describe_end(text, sizeof text, status);
  json_text(key, text);
}

#define EVERY_ARGUMENT_MINUS_ONE {-1, -1, -1, -1, -1, -1}

static void try_range(const char *key, enum convention convention, long count) {
  json_open(key, '[');
  for (long number = 0; number < count; number++) {
    struct call call = {convention, number, EVERY_ARGUMENT_MINUS_ONE};
    try_call(NULL, &call);
  }
  json_close(']');
}

// Calls that a filter judges by their arguments.
static const struct {
  const char *name;
  struct call call;
} judged[] = {
    {"clone(CLONE_SIGHAND)", {native, 56, {0x800}}},
    {"clone(CLONE_NEWUSER | CLONE_FS)", {native, 56, {0x10000200}}},
    {"clone(CLONE_NEWNS | CLONE_FS)", {native, 56, {0x20200}}},
    {"clone(CLONE_NEWCGROUP | CLONE_SIGHAND)", {native, 56, {0x2000800}}},
    {"clone(high bits, CLONE_SIGHAND)", {native, 56, {0x7f00000800}}},
    {"clone3(null, 0)", {native, 435, {0}}},
    {"unshare(0)", {native, 272, {0}}},
    {"unshare(CLONE_NEWUSER)", {native, 272, {0x10000000}}},
    {"personality(PER_LINUX)", {native, 135, {0}}},
    {"personality(PER_LINUX32)", {native, 135, {8}}},
    {"personality(UNAME26)", {native, 135, {0x20000}}},
    {"personality(PER_LINUX32 | UNAME26)", {native, 135, {0x20008}}},
    {"personality(0xffffffff)", {native, 135, {0xffffffff}}},
    {"personality(ADDR_NO_RANDOMIZE)", {native, 135, {0x40000}}},
    {"personality(0x100000000)", {native, 135, {0x100000000}}},
    {"socket(AF_UNIX, SOCK_STREAM)", {native, 41, {1, 1}}},
    {"socket(AF_INET, SOCK_STREAM)", {native, 41, {2, 1}}},
    {"socket(AF_INET, SOCK_RAW)", {native, 41, {2, 3, 1}}},
    {"socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP)", {native, 41, {2, 2, 1}}},
    {"socket(AF_NETLINK, SOCK_RAW)", {native, 41, {16, 3}}},
    {"socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT)", {native, 41, {16, 3, 9}}},
    {"socket(AF_PACKET, SOCK_RAW)", {native, 41, {17, 3}}},
    {"socket(AF_ALG, SOCK_SEQPACKET)", {native, 41, {38, 5}}},
    {"socket(AF_NFC)", {native, 41, {39, 3}}},
    {"socket(AF_VSOCK, SOCK_STREAM)", {native, 41, {40, 1}}},
    {"socket(AF_KCM)", {native, 41, {41, 5}}},
    {"i386 socketcall(SYS_SOCKET)", {i386, 102, {1, 0}}},
    {"i386 clone(CLONE_NEWNS | CLONE_FS)", {i386, 120, {0x20200}}},
    {"i386 clone(CLONE_SIGHAND)", {i386, 120, {0x800}}},
    {"i386 personality(ADDR_NO_RANDOMIZE)", {i386, 136, {0x40000}}},
    {"i386 socket(AF_VSOCK, SOCK_STREAM)", {i386, 359, {40, 1}}},
};

void report_calls(void) {
  json_open("calls", '{');
  try_range("SCMP_ARCH_X86_64", native, 480);
  try_range("SCMP_ARCH_X32", x32, 560);
  try_range("SCMP_ARCH_X86", i386, 480);
  json_close('}');
  json_open("judgedCalls", '{');
  for (size_t i = 0; i < sizeof judged / sizeof judged[0]; i++) {
    const struct call *call = &judged[i].call;
    json_open(judged[i].name, '{');
    json_text("architecture", call->convention == i386 ? "SCMP_ARCH_X86" : "SCMP_ARCH_X86_64");
    json_number("number", call->number);
    json_open("arguments", '[');
    for (int argument = 0; argument < 6; argument++) json_number(NULL, call->arguments[argument]);
    json_close(']');
    try_call("outcome", call);
    json_close('}');
  }
  json_close('}');
}
