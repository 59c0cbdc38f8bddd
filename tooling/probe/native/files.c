// Descriptors, device nodes, and what can be done with a path.
#include "probe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static const char *kind_of(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG: return "file";
    case S_IFDIR: return "directory";
    case S_IFLNK: return "link";
    case S_IFCHR: return "character";
    case S_IFBLK: return "block";
    case S_IFIFO: return "pipe";
    case S_IFSOCK: return "socket";
    default: return "unknown";
  }
}

// A node of another /dev than the container's own is the host's: who owns it in here can change its mode out there.
static const char *device_home(const struct stat *status) {
  static const char *const homes[] = {"/dev", "/dev/pts"};
  for (size_t i = 0; i < sizeof homes / sizeof homes[0]; i++) {
    struct stat home;
    if (stat(homes[i], &home) == 0 && home.st_dev == status->st_dev) return homes[i];
  }
  return "elsewhere";
}

static void report_stat(const struct stat *status) {
  json_text("kind", kind_of(status->st_mode));
  json_number("mode", status->st_mode & 07777);
  json_number("uid", status->st_uid);
  json_number("gid", status->st_gid);
  if (!S_ISCHR(status->st_mode) && !S_ISBLK(status->st_mode)) return;
  json_number("major", major(status->st_rdev));
  json_number("minor", minor(status->st_rdev));
  json_text("home", device_home(status));
}

static void report_target(const char *path) {
  char target[4096];
  ssize_t size = readlink(path, target, sizeof target);
  if (size >= 0) json_bytes("target", target, (size_t)size);
}

// Comes first, so that nothing of ours is open yet but the directory itself, which is left out.
void report_descriptors(void) {
  DIR *directory = opendir("/proc/self/fd");
  json_open("descriptors", '{');
  for (struct dirent *entry; directory && (entry = readdir(directory));) {
    int number = atoi(entry->d_name);
    struct stat status;
    if (entry->d_name[0] == '.' || number == dirfd(directory) || fstat(number, &status) < 0) continue;
    char path[64];
    struct winsize size = {0};
    snprintf(path, sizeof path, "/proc/self/fd/%d", number);
    json_open(entry->d_name, '{');
    report_stat(&status);
    report_target(path);
    json_number("access", fcntl(number, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK));
    json_number("closedByExec", fcntl(number, F_GETFD) & FD_CLOEXEC);
    if (ioctl(number, TIOCGWINSZ, &size) == 0) {
      json_number("rows", size.ws_row);
      json_number("columns", size.ws_col);
    }
    json_close('}');
  }
  json_close('}');
  if (directory) closedir(directory);
}

static void report_tree(const char *at, int depth) {
  DIR *directory = opendir(at);
  for (struct dirent *entry; directory && (entry = readdir(directory));) {
    char path[4096];
    struct stat status;
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    snprintf(path, sizeof path, "%s/%s", at, entry->d_name);
    if (lstat(path, &status) < 0) continue;
    json_open(path, '{');
    report_stat(&status);
    if (S_ISLNK(status.st_mode)) report_target(path);
    json_close('}');
    if (S_ISDIR(status.st_mode) && depth > 0) report_tree(path, depth - 1);
  }
  if (directory) closedir(directory);
}

void report_devices(void) {
  json_open("devices", '{');
  report_tree("/dev", 2);
  json_close('}');
}

// Whether there is anything in it: an empty directory and an empty file are how masks look.
static long long read_directory(const char *path, int *entries) {
  DIR *directory = opendir(path);
  if (!directory) return -errno;
  *entries = -2; // . and ..
  while (readdir(directory)) (*entries)++;
  closedir(directory);
  return 0;
}

// A directory is written to by making one in it, which is taken away at once.
static long long write_directory(const char *path) {
  char name[4096];
  snprintf(name, sizeof name, "%s/.galley-probe", path);
  if (mkdir(name, 0700) < 0) return -errno;
  rmdir(name);
  return 0;
}

static long long read_file(const char *path, int *bytes) {
  char byte;
  int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return -errno;
  ssize_t got = read(descriptor, &byte, 1);
  long long outcome = got < 0 ? -errno : 0;
  *bytes = got > 0;
  close(descriptor);
  return outcome;
}

// A file is opened for writing, never written.
static long long write_file(const char *path) {
  int descriptor = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return -errno;
  close(descriptor);
  return 0;
}

static void report_path(const char *path) {
  struct stat status;
  int found = 0;
  json_open(path, '{');
  if (lstat(path, &status) < 0) {
    json_outcome("seen", -errno);
    return json_close('}');
  }
  int is_directory = S_ISDIR(status.st_mode);
  report_stat(&status);
  json_outcome("read", is_directory ? read_directory(path, &found) : read_file(path, &found));
  json_number("holds", found > 0);
  json_outcome("write", is_directory ? write_directory(path) : write_file(path));
  json_close('}');
}

void report_paths(char *const *paths) {
  json_open("paths", '{');
  for (; *paths; paths++) report_path(*paths);
  json_close('}');
}
