/* Removing a name and all beneath it: no link is followed, no mount crossed, any depth with few descriptors. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "stage.h"

#define MAX_DEPTH 32 /* deeper directories are moved up to the top and emptied there */

struct entry { /* getdents64(2) */
  uint64_t inode;
  int64_t offset;
  uint16_t length;
  uint8_t type;
  char name[];
};

static int open_directory(int at, const char *name) {
  struct open_how how = {.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, .resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS};
  return (int)syscall(SYS_openat2, at, name, &how, sizeof how);
}

static int move_up(int top, int directory, const char *name) {
  static unsigned counter;
  char fresh[32];
  snprintf(fresh, sizeof fresh, ".galley-deep-%u", counter++);
  return rename_to_new(directory, name, top, fresh) < 0 && errno != EEXIST ? -1 : 0;
}

static int empty(int top, int directory, int depth);

static int remove_one(int top, int directory, const struct entry *entry, int depth) {
  if (!strcmp(entry->name, ".") || !strcmp(entry->name, "..")) return 0;
  hint(entry->name);
  if (entry->type != DT_DIR && !unlinkat(directory, entry->name, 0)) return 1;
  if (entry->type != DT_DIR && errno == ENOENT) return 0;
  if (entry->type != DT_DIR && errno != EISDIR) return -1;
  if (depth >= MAX_DEPTH) return move_up(top, directory, entry->name) < 0 ? -1 : 1;
  int below = open_directory(directory, entry->name);
  if (below < 0) return errno == ENOENT ? 0 : -1;
  int result = empty(top, below, depth + 1);
  close(below);
  if (result < 0) return -1;
  return unlinkat(directory, entry->name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -1 : 1;
}

/* Empties a directory; scans again until a scan finds nothing, since removing while reading may skip names. */
static int empty(int top, int directory, int depth) {
  char buffer[4096] __attribute__((aligned(8)));
  int removed;
  do {
    removed = 0;
    if (lseek(directory, 0, SEEK_SET) < 0) return -1;
    long got;
    while ((got = syscall(SYS_getdents64, directory, buffer, sizeof buffer)) > 0) {
      for (long at = 0; at < got; at += ((struct entry *)(buffer + at))->length) {
        int result = remove_one(top, directory, (struct entry *)(buffer + at), depth);
        if (result < 0) return -1;
        removed += result;
      }
    }
    if (got < 0) return -1;
  } while (removed);
  return 0;
}

int remove_name(int directory, const char *name) {
  if (!unlinkat(directory, name, 0)) return 0;
  if (errno != EISDIR && errno != EPERM) return -1;
  int refusal = errno, below = open_directory(directory, name);
  if (below < 0) return errno = errno == ENOTDIR ? refusal : errno, -1;
  int result = empty(below, below, 0), error = errno;
  close(below);
  if (result < 0) return errno = error, -1;
  return unlinkat(directory, name, AT_REMOVEDIR);
}
