/* Mounts, by the descriptor-based calls of mount(2)'s successors (Linux 5.2 and later; mount_setattr(2): 5.12). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "stage.h"

#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif
#ifndef MNT_DETACH
#define MNT_DETACH 2
#define UMOUNT_NOFOLLOW 8
#endif
#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif
#define PROPAGATION_SHARED (1 << 20) /* MS_SHARED and its like, mount_setattr(2) */
#define PROPAGATION_PRIVATE (1 << 18)
#define PROPAGATION_SLAVE (1 << 19)
#define PROPAGATION_UNBINDABLE (1 << 17)
#define ACCESS_TIME (FLAG_MOUNT_NO_ACCESS_TIME | FLAG_MOUNT_STRICT_ACCESS_TIME | FLAG_MOUNT_RELATIVE_ACCESS_TIME)

int umount2(const char *target, int flags);

static uint64_t mount_flags(uint32_t flags) {
  static const uint64_t kernel[] = {MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV, MOUNT_ATTR_NOEXEC, MOUNT_ATTR_NOATIME,
                                    MOUNT_ATTR_STRICTATIME, MOUNT_ATTR_RELATIME, MOUNT_ATTR_NODIRATIME, MOUNT_ATTR_NOSYMFOLLOW};
  uint64_t result = 0;
  for (unsigned bit = 0; bit < sizeof kernel / sizeof *kernel; bit++)
    if (flags & (1u << bit)) result |= kernel[bit];
  return result;
}

/* The kernel explains itself in the context's log (fsopen(2)): one message a read, "e text". */
static void read_log(int context) {
  char message[sizeof stage.hint];
  int error = errno;
  ssize_t got = read(context, message, sizeof message - 1);
  if (got > 0) {
    message[got] = 0;
    if (message[got - 1] == '\n') message[got - 1] = 0;
    hint(message);
  }
  errno = error;
}

static int set_option(int context, const char *option) {
  char key[256];
  const char *value = strchr(option, '=');
  size_t length = value ? (size_t)(value - option) : strlen(option);
  hint(option);
  if (length >= sizeof key) return errno = EINVAL, -1;
  memcpy(key, option, length);
  key[length] = 0;
  if (value) return (int)syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, key, value + 1, 0);
  return (int)syscall(SYS_fsconfig, context, FSCONFIG_SET_FLAG, key, NULL, 0);
}

static int create(int context, struct list options) {
  while (options.count)
    if (set_option(context, next_string(&options)) < 0) return -1;
  return (int)syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

int do_new_file_system(union argument *args) {
  hint(args[ARG_NEW_FILE_SYSTEM_TYPE].text.bytes);
  int context = (int)syscall(SYS_fsopen, args[ARG_NEW_FILE_SYSTEM_TYPE].text.bytes, FSOPEN_CLOEXEC);
  if (context < 0) return -1;
  int mount = -1;
  if (create(context, args[ARG_NEW_FILE_SYSTEM_OPTIONS].list) < 0) read_log(context);
  else mount = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, mount_flags(args[ARG_NEW_FILE_SYSTEM_ATTRIBUTES].u32));
  int error = errno;
  close(context);
  errno = error;
  return fill_slot(args[ARG_NEW_FILE_SYSTEM_OUT].number, mount);
}

int do_open_tree(union argument *args) {
  uint32_t flags = args[ARG_OPEN_TREE_FLAGS].u32;
  uint64_t follow = flags & FLAG_TREE_NO_FOLLOW ? O_NOFOLLOW : 0;
  int path = open_beneath(args[ARG_OPEN_TREE_AT].number, &args[ARG_OPEN_TREE_PATH].text, O_PATH | follow, 0);
  if (path < 0) return -1;
  unsigned how = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | (flags & FLAG_TREE_RECURSIVE ? AT_RECURSIVE : 0);
  int tree = (int)syscall(SYS_open_tree, path, "", how), error = errno;
  close(path);
  errno = error;
  return fill_slot(args[ARG_OPEN_TREE_OUT].number, tree);
}

static uint64_t propagation(uint32_t flags) {
  if (flags & FLAG_PROPAGATION_PRIVATE) return PROPAGATION_PRIVATE;
  if (flags & FLAG_PROPAGATION_SLAVE) return PROPAGATION_SLAVE;
  if (flags & FLAG_PROPAGATION_SHARED) return PROPAGATION_SHARED;
  return flags & FLAG_PROPAGATION_UNBINDABLE ? PROPAGATION_UNBINDABLE : 0;
}

int do_mount_attributes(union argument *args) {
  uint32_t set = args[ARG_MOUNT_ATTRIBUTES_SET].u32, clear = args[ARG_MOUNT_ATTRIBUTES_CLEAR].u32;
  uint32_t flags = args[ARG_MOUNT_ATTRIBUTES_FLAGS].u32;
  struct mount_attr attributes = {
      .attr_set = mount_flags(set),
      .attr_clr = mount_flags(clear) | ((set | clear) & ACCESS_TIME ? MOUNT_ATTR__ATIME : 0),
      .propagation = propagation(args[ARG_MOUNT_ATTRIBUTES_PROPAGATION].u32),
  };
  unsigned how = AT_EMPTY_PATH | (flags & FLAG_TREE_RECURSIVE ? AT_RECURSIVE : 0);
  struct text path = args[ARG_MOUNT_ATTRIBUTES_PATH].text;
  if (!path.length) /* the slot itself, which may be a detached mount */
    return (int)syscall(SYS_mount_setattr, get_slot(args[ARG_MOUNT_ATTRIBUTES_AT].number), "", how, &attributes, sizeof attributes);
  int fd = open_beneath(args[ARG_MOUNT_ATTRIBUTES_AT].number, &path, O_PATH | (flags & FLAG_TREE_NO_FOLLOW ? O_NOFOLLOW : 0), 0);
  if (fd < 0) return -1;
  int result = (int)syscall(SYS_mount_setattr, fd, "", how, &attributes, sizeof attributes), error = errno;
  close(fd);
  return errno = error, result;
}

int do_move_mount(union argument *args) {
  int target = open_beneath(args[ARG_MOVE_MOUNT_AT].number, &args[ARG_MOVE_MOUNT_PATH].text, O_PATH, 0);
  if (target < 0) return -1;
  unsigned how = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
  int result = (int)syscall(SYS_move_mount, get_slot(args[ARG_MOVE_MOUNT_MOUNT].number), "", target, "", how), error = errno;
  close(target);
  forget_parent(); /* it may lie beneath the mount */
  return errno = error, result;
}

/* pivot_root(2), "pivot_root(".", ".")": the old root ends up beneath the new one and is detached from there. */
int do_pivot(union argument *args) {
  hide();
  if (fchdir(get_slot(args[ARG_PIVOT_ROOT].number)) < 0 || syscall(SYS_pivot_root, ".", ".") < 0) return -1;
  forget_parent();
  return umount2(".", MNT_DETACH) < 0 ? -1 : chdir("/");
}

/* umount2(2) knows no descriptors: a directory becomes the working directory for a moment, anything else goes by way of proc. */
static int detach(int target) {
  char path[32];
  int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (here < 0) return -1;
  int result = fchdir(target), error;
  if (!result) {
    result = umount2(".", MNT_DETACH | UMOUNT_NOFOLLOW);
    error = errno;
    if (fchdir(here) < 0) result = -1, error = errno;
  } else {
    snprintf(path, sizeof path, "/proc/self/fd/%d", target);
    result = errno == ENOTDIR ? umount2(path, MNT_DETACH) : -1;
    error = errno;
  }
  close(here);
  return errno = error, result;
}

int do_unmount(union argument *args) {
  int target = open_beneath(args[ARG_UNMOUNT_AT].number, &args[ARG_UNMOUNT_PATH].text, O_PATH | O_NOFOLLOW, 0);
  if (target < 0) return -1;
  forget_parent();
  int result = detach(target), error = errno;
  close(target);
  return errno = error, result;
}
