// What the kernel says about this process: texts of /proc as they are, and what only a call tells.
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const texts[] = {
    "/proc/self/status",        "/proc/self/stat",          "/proc/self/mountinfo",
    "/proc/self/cgroup",        "/proc/self/limits",        "/proc/self/oom_score_adj",
    "/proc/self/uid_map",       "/proc/self/gid_map",       "/proc/self/setgroups",
    "/proc/self/loginuid",      "/proc/self/timens_offsets", "/proc/self/coredump_filter",
    "/proc/self/timerslack_ns", "/proc/net/dev",            "/sys/class/net/lo/flags",
    "/proc/sys/kernel/hostname", "/proc/sys/kernel/domainname", "/proc/sys/net/ipv4/ping_group_range",
    "/sys/fs/cgroup/pids/pids.max", "/sys/fs/cgroup/devices/devices.list", "/sys/fs/cgroup/cpu/cpu.shares",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.swappiness",
    "/etc/hostname",            "/etc/hosts",               "/etc/resolv.conf",
};

static const char *const links[] = {
    "/proc/self/ns/cgroup", "/proc/self/ns/ipc",  "/proc/self/ns/mnt", "/proc/self/ns/net",
    "/proc/self/ns/pid",    "/proc/self/ns/time", "/proc/self/ns/user", "/proc/self/ns/uts",
    "/proc/self/cwd",       "/proc/self/root",    "/proc/self/exe",
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static void report_text(const char *path) {
  static char buffer[1 << 18];
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return json_outcome(path, -errno);
  size_t size = 0;
  for (ssize_t got; size < sizeof buffer && (got = read(descriptor, buffer + size, sizeof buffer - size)) > 0;)
    size += (size_t)got;
  close(descriptor);
  json_bytes(path, buffer, size);
}

static void report_link(const char *path) {
  char target[4096];
  ssize_t size = readlink(path, target, sizeof target);
  if (size < 0) json_outcome(path, -errno);
  else json_bytes(path, target, (size_t)size);
}

// The session key ring by its description; whether it is the caller's own cannot be told from its name alone.
static void report_keyring(void) {
  enum { get_keyring_id = 0, describe = 6, session = -3 };
  char description[256];
  long id = syscall(SYS_keyctl, get_keyring_id, session, 0);
  json_outcome("keyring", id < 0 ? -errno : 0);
  if (id < 0) return;
  json_number("keyringId", id);
  long size = syscall(SYS_keyctl, describe, id, description, sizeof description - 1);
  if (size > 0 && size < (long)sizeof description) json_text("keyringDescription", description);
}

static void report_process(void) {
  int death_signal = -1;
  mode_t mask = umask(0);
  umask(mask);
  prctl(PR_GET_PDEATHSIG, &death_signal);
  json_open("process", '{');
  json_number("umask", mask);
  json_number("pid", getpid());
  json_number("ppid", getppid());
  json_number("session", getsid(0));
  json_number("group", getpgrp());
  json_number("personality", personality(0xffffffff));
  json_number("dumpable", prctl(PR_GET_DUMPABLE));
  json_number("deathSignal", death_signal);
  json_number("securebits", prctl(PR_GET_SECUREBITS));
  json_number("childSubreaper", ({ int is = -1; prctl(PR_GET_CHILD_SUBREAPER, &is); is; }));
  json_number("noTransparentHugePages", prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
  report_keyring();
  json_close('}');
}

void report_state(void) {
  extern char **environ;
  json_open("texts", '{');
  for (size_t i = 0; i < COUNT(texts); i++) report_text(texts[i]);
  json_close('}');
  json_open("links", '{');
  for (size_t i = 0; i < COUNT(links); i++) report_link(links[i]);
  json_close('}');
  report_process();
  json_open("environment", '[');
  for (char **entry = environ; *entry; entry++) json_text(NULL, *entry);
  json_close(']');
}
