/* The arguments: numbers of inherited descriptors, names and paths. Checked here; nothing is done here. */
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

struct options options = {
  .child = -1, .in = -1, .out = -1, .err = -1, .pty = -1, .log = -1, .listen = -1,
  .client = -1, .run = -1, .keep = -1, .ready = -1, .exit_name = "exit", .pid_name = "pid",
};

static const struct {
  const char *name;
  int *place;
} descriptors[] = {
  {"--child", &options.child}, {"--stdin", &options.in},      {"--stdout", &options.out},   {"--stderr", &options.err},
  {"--pty", &options.pty},     {"--log", &options.log},       {"--listen", &options.listen}, {"--client", &options.client},
  {"--run", &options.run},     {"--keep", &options.keep},     {"--ready", &options.ready},
};

static const struct {
  const char *name;
  const char **place;
} texts[] = {
  {"--stamp", &options.stamp},
  {"--exit-name", &options.exit_name},
  {"--pid-name", &options.pid_name},
};

enum { DESCRIPTORS = sizeof descriptors / sizeof *descriptors, TEXTS = sizeof texts / sizeof *texts };

/* The first mistake is told after the whole line is read, because --ready says where to tell it. */
static const char *mistake;
static int mistake_errno;

static void wrong(int error, const char *what) {
  if (mistake == NULL) mistake = what, mistake_errno = error;
}

static int descriptor_number(const char *text) {
  int number = 0;
  if (*text == 0 || strlen(text) > 7) return -1;
  for (; *text != 0; text++) {
    if (*text < '0' || *text > '9') return -1;
    number = number * 10 + (*text - '0');
  }
  return number;
}

/* An option with its value; false where the name is not known. */
static bool read_option(const char *name, const char *value) {
  for (size_t i = 0; i < DESCRIPTORS; i++) {
    if (strcmp(name, descriptors[i].name) != 0) continue;
    int number = descriptor_number(value);
    if (number < 0 || fcntl(number, F_SETFD, FD_CLOEXEC) < 0) wrong(EBADF, name);
    else *descriptors[i].place = number;
    return true;
  }
  for (size_t i = 0; i < TEXTS; i++) {
    if (strcmp(name, texts[i].name) != 0) continue;
    *texts[i].place = value;
    return true;
  }
  if (strcmp(name, "--read") == 0) {
    if (strchr(value, '=') == NULL) wrong(EINVAL, name);
    else if (options.read_count == READS_MAX) wrong(E2BIG, name);
    else options.reads[options.read_count++] = value;
    return true;
  }
  if (strcmp(name, "--rmdir") == 0) {
    if (options.rmdir_count == RMDIRS_MAX) wrong(E2BIG, name);
    else options.rmdirs[options.rmdir_count++] = value;
    return true;
  }
  return false;
}

static void check_file_name(const char *name, const char *option) {
  if (*name == 0 || strlen(name) > 200 || strchr(name, '/') != NULL || *name == '.') wrong(EINVAL, option);
}

void arguments_read(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--then") == 0) {
      if (i + 1 < argc) options.then = argv + i + 1;
      else wrong(EINVAL, "--then");
      break;
    }
    if (strcmp(argv[i], "--stdin-once") == 0) options.stdin_once = true;
    else if (i + 1 < argc && read_option(argv[i], argv[i + 1])) i++;
    else wrong(EINVAL, argv[i]);
  }
  if (options.child < 0) wrong(EINVAL, "--child");
  if (options.run < 0) wrong(EINVAL, "--run");
  if (options.keep < 0) wrong(EINVAL, "--keep");
  if (options.pty >= 0 && (options.in >= 0 || options.out >= 0 || options.err >= 0)) wrong(EINVAL, "--pty");
  check_file_name(options.exit_name, "--exit-name");
  check_file_name(options.pid_name, "--pid-name");
  if (mistake != NULL) fail(mistake_errno, mistake);
}

bool arguments_name(int descriptor) {
  for (size_t i = 0; i < DESCRIPTORS; i++)
    if (*descriptors[i].place == descriptor) return true;
  return false;
}
