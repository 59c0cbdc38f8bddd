/* Paths beneath a slot are resolved in-root and without magic links; paths without a slot are the caller's own. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "stage.h"

#define ATTEMPTS 64 /* openat2(2) says EAGAIN when a rename raced with the walk */

static int open2(int at, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
  struct open_how how = {.flags = flags | O_CLOEXEC, .mode = mode, .resolve = resolve};
  int fd = -1;
  for (int i = 0; i < ATTEMPTS; i++) {
    fd = (int)syscall(SYS_openat2, at, path, &how, sizeof how);
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) break;
  }
  return fd;
}

int open_beneath(uint16_t at, const struct text *path, uint64_t flags, uint64_t mode) {
  hint(path->bytes);
  if (at == NONE && path->bytes[0] != '/') return errno = EINVAL, -1;
  if (at == NONE) return open2(AT_FDCWD, path->bytes, flags, mode, 0);
  const char *below = path->length ? path->bytes : ".";
  return open2(get_slot(at), below, flags, mode, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

/* The last parent directory, kept open: the entries of a layer come directory by directory. */
static struct {
  int at, fd;
  char path[4096];
} parent = {.at = ABSENT, .fd = ABSENT};

/* To be called whenever what a path leads to may have changed. */
void forget_parent(void) {
  if (parent.fd != ABSENT) close(parent.fd);
  parent.fd = parent.at = ABSENT;
}

void forget_parent_in(int root) {
  if (parent.at == root) forget_parent();
}

/* Opens the directory that holds the last component; `name` then is that component. The descriptor is not the caller's to close. */
int open_parent(uint16_t at, const struct text *path, const char **name) {
  hint(path->bytes);
  const char *last = strrchr(path->bytes, '/');
  *name = last ? last + 1 : path->bytes;
  size_t length = last ? (size_t)(last - path->bytes) : 0;
  if (!**name || !strcmp(*name, ".") || !strcmp(*name, "..") || (at == NONE && path->bytes[0] != '/')) return errno = EINVAL, -1;
  if (length >= sizeof parent.path) return errno = ENAMETOOLONG, -1;
  int root = at == NONE ? AT_FDCWD : get_slot(at);
  if (parent.fd != ABSENT && parent.at == root && !strncmp(parent.path, path->bytes, length) && !parent.path[length])
    return parent.fd;
  forget_parent();
  memcpy(parent.path, path->bytes, length);
  parent.path[length] = 0;
  const char *directory = length ? parent.path : at == NONE ? "/" : ".";
  uint64_t resolve = at == NONE ? 0 : RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  parent.fd = open2(root, directory, O_PATH | O_DIRECTORY, 0, resolve);
  parent.at = parent.fd == -1 ? ABSENT : root;
  return parent.fd;
}

/* renameat2(2), RENAME_NOREPLACE */
int rename_to_new(int from, const char *name, int to, const char *fresh) {
  return (int)syscall(SYS_renameat2, from, name, to, fresh, 1u);
}

/* fstatfs(2): is this descriptor really on that kind of file system? */
int check_magic(int fd, long magic) {
  struct statfs info;
  if (fstatfs(fd, &info) < 0) return -1;
  if ((unsigned long)info.f_type != (unsigned long)magic) return errno = EXDEV, -1;
  return 0;
}
