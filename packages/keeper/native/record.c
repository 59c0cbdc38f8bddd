/*
 * The two records, each one line of JSON under its final name from the first moment: written beside it, then renamed.
 * Not fsynced: after a power cut the container is gone anyway. The exit record's disk space is taken at the start.
 */
#define _GNU_SOURCE
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char record_bytes[RECORD_MAX] __attribute__((aligned(4096)));
static struct timespec started_wall, started_monotonic;
static int reserved = -1; /* the open file that becomes the exit record */
static uint64_t child_pid;
static struct text record;
static struct ending ending;

/* The beginning of a file, at most `room` bytes; -1 with errno. */
static ssize_t read_beginning(const char *path, char *bytes, size_t room) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return -1;
  size_t length = 0;
  ssize_t got;
  while (length < room && (got = read(fd, bytes + length, room - length)) > 0) length += (size_t)got;
  close(fd);
  return (ssize_t)length;
}

static uint64_t number_at(const char *text) {
  uint64_t number = 0;
  while (*text == ' ' || *text == '\t') text++;
  for (; *text >= '0' && *text <= '9'; text++) number = number * 10 + (uint64_t)(*text - '0');
  return number;
}

/* The process behind a pidfd: the line "Pid:" of its fdinfo, pidfd_open(2). */
static uint64_t pid_behind(int pidfd) {
  char bytes[1024], path[64];
  struct text text = {path, 0, sizeof path - 1, false};
  put(&text, "/proc/self/fdinfo/"), put_number(&text, (uint64_t)pidfd);
  path[text.length] = 0;
  ssize_t length = read_beginning(path, bytes, sizeof bytes - 1);
  if (length < 0) fail(errno, path);
  bytes[length] = 0;
  const char *line = strstr(bytes, "\nPid:");
  if (line == NULL) fail(EBADF, "--child");
  uint64_t pid = number_at(line + 5);
  if (pid == 0) fail(ESRCH, "--child");
  return pid;
}

/* Field 22 of /proc/PID/stat, counted behind the last parenthesis of the command's name, proc_pid_stat(5). */
static uint64_t start_ticks(uint64_t pid) {
  char bytes[1024], path[64];
  struct text text = {path, 0, sizeof path - 1, false};
  put(&text, "/proc/"), put_number(&text, pid), put(&text, "/stat");
  path[text.length] = 0;
  ssize_t length = read_beginning(path, bytes, sizeof bytes - 1);
  if (length < 0) fail(errno, path);
  bytes[length] = 0;
  const char *at = strrchr(bytes, ')');
  for (int field = 2; at != NULL && field < 22; field++) at = strchr(at + 1, ' ');
  if (at == NULL) fail(EINVAL, path);
  return number_at(at);
}

static bool write_all(int fd, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = write(fd, bytes, length);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes += written;
    length -= (size_t)written;
  }
  return true;
}

static void temporary_name(char *room, size_t size, const char *name) {
  struct text text = {room, 0, size - 1, false};
  put(&text, name), put(&text, ".tmp"); /* names are at most 200 bytes, arguments.c */
  room[text.length] = 0;
}

static int open_temporary(int directory, const char *name, char *temporary, size_t size) {
  temporary_name(temporary, size, name);
  int fd = openat(directory, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) fail(errno, name);
  return fd;
}

static void put_field(struct text *text, const char *name, uint64_t number) {
  put(text, ",\""), put(text, name), put(text, "\":"), put_number(text, number);
}

static void put_stamp(struct text *text) {
  if (options.stamp == NULL) return;
  put(text, ",\"stamp\":"), put_json(text, options.stamp, strlen(options.stamp));
}

void record_begin(void) {
  char temporary[256];
  clock_gettime(CLOCK_REALTIME, &started_wall);
  clock_gettime(CLOCK_MONOTONIC, &started_monotonic);
  child_pid = pid_behind(options.child);
  reserved = open_temporary(options.keep, options.exit_name, temporary, sizeof temporary);
  if (fallocate(reserved, 0, 0, RECORD_RESERVED) < 0 && errno != EOPNOTSUPP && errno != ENOSYS)
    fail(errno, "reserve the exit record");
}

void record_pid(void) {
  char temporary[256];
  struct text text = {record_bytes, 0, RECORD_MAX, false};
  put(&text, "{\"version\":1");
  put_field(&text, "keeper", (uint64_t)getpid());
  put_field(&text, "keeperStart", start_ticks((uint64_t)getpid()));
  put_field(&text, "child", child_pid);
  put_field(&text, "childStart", start_ticks(child_pid));
  put_stamp(&text);
  put(&text, "}\n");
  if (text.cut) fail(E2BIG, "--stamp");
  int fd = open_temporary(options.run, options.pid_name, temporary, sizeof temporary);
  if (!write_all(fd, text.bytes, text.length)) fail(errno, "write the pid record");
  close(fd);
  if (renameat(options.run, temporary, options.run, options.pid_name) < 0) fail(errno, "name the pid record");
}

/* The files asked for with --read; one that is missing or does not fit any more is left out. */
static void put_files(struct text *text) {
  bool first = true;
  put(text, ",\"files\":{");
  for (int i = 0; i < options.read_count; i++) {
    char beginning[FILE_BEGINNING];
    const char *name = options.reads[i], *equals = strchr(name, '=');
    ssize_t length = read_beginning(equals + 1, beginning, sizeof beginning);
    if (length < 0) continue;
    struct text before = *text;
    if (!first) put(text, ",");
    put_json(text, name, (size_t)(equals - name)), put(text, ":"), put_json(text, beginning, (size_t)length);
    if (text->cut || text->room - text->length < 4) *text = before;
    else first = false;
  }
  put(text, "}");
}

static void put_exit(struct text *text, bool with_files) {
  int64_t seconds = ending.monotonic.tv_sec - started_monotonic.tv_sec;
  put(text, "{\"version\":1");
  put_field(text, "pid", child_pid);
  put_field(text, "code", (uint64_t)ending.code);
  put_field(text, "signal", (uint64_t)ending.signal);
  put(text, ",\"coreDumped\":"), put(text, ending.core_dumped ? "true" : "false");
  put(text, ",\"startedAt\":\""), put_time(text, started_wall);
  put(text, "\",\"finishedAt\":\""), put_time(text, ending.wall);
  put(text, "\"");
  put_field(text, "durationNs", (uint64_t)(seconds * 1000000000 + ending.monotonic.tv_nsec - started_monotonic.tv_nsec));
  put_stamp(text);
  put_field(text, "logLostBytes", log_lost_bytes());
  if (with_files) put_files(text);
  put(text, "}\n");
}

/* Composes the exit record: reads the files, writes nothing. */
void record_exit_compose(const struct ending *end) {
  ending = *end;
  record = (struct text){record_bytes, 0, RECORD_MAX, false};
  put_exit(&record, true);
}

static bool write_exit(void) {
  return !record.cut && lseek(reserved, 0, SEEK_SET) == 0 && write_all(reserved, record.bytes, record.length);
}

/* Writes and names it, and tells its bytes; on a full disk without the files: then it fits into what is reserved. */
size_t record_exit_write(const char **bytes) {
  char temporary[256];
  temporary_name(temporary, sizeof temporary, options.exit_name);
  bool written = write_exit();
  if (!written) {
    record = (struct text){record_bytes, 0, RECORD_MAX, false};
    put_exit(&record, false);
    written = write_exit();
  }
  if (written && ftruncate(reserved, (off_t)record.length) == 0) renameat(options.keep, temporary, options.keep, options.exit_name);
  close(reserved);
  *bytes = record.bytes;
  return record.length;
}
