/* Descriptors, files and directories. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "stage.h"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#ifndef SYS_setxattrat
#define SYS_setxattrat 463
#endif
#ifndef TIOCGPTPEER
#define TIOCGPTPEER 0x5441
#endif

static uint64_t open_flags(uint32_t flags) {
  static const uint64_t kernel[] = {0, 0, O_APPEND, O_CREAT, O_EXCL, O_TRUNC, O_DIRECTORY, O_PATH, O_NOFOLLOW, O_NONBLOCK};
  uint64_t result = O_NOCTTY;
  for (unsigned bit = 0; bit < sizeof kernel / sizeof *kernel; bit++)
    if (flags & (1u << bit)) result |= kernel[bit];
  if (flags & FLAG_OPEN_PATH_ONLY) return result & ~(uint64_t)O_NOCTTY;
  if (flags & FLAG_OPEN_WRITE) result |= flags & FLAG_OPEN_READ ? O_RDWR : O_WRONLY;
  return result;
}

int do_open(union argument *args) {
  uint64_t flags = open_flags(args[ARG_OPEN_FLAGS].u32);
  uint64_t mode = flags & O_CREAT ? args[ARG_OPEN_MODE].u32 & 07777 : 0;
  return fill_slot(args[ARG_OPEN_OUT].number, open_beneath(args[ARG_OPEN_AT].number, &args[ARG_OPEN_PATH].text, flags, mode));
}

int do_close(union argument *args) {
  int *slot = &stage.slots[args[ARG_CLOSE_SLOT].number];
  forget_parent_in(*slot);
  int result = close(*slot);
  *slot = ABSENT;
  return result;
}

int do_pipe(union argument *args) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return -1;
  return fill_slot(args[ARG_PIPE_READ].number, ends[0]) < 0 ? -1 : fill_slot(args[ARG_PIPE_WRITE].number, ends[1]);
}

int do_inherited(union argument *args) {
  return fill_slot(args[ARG_INHERITED_OUT].number, fcntl((int)args[ARG_INHERITED_DESCRIPTOR].u32, F_DUPFD_CLOEXEC, 0));
}

static int bind_in(int socket, int directory, const char *name) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int length = snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", directory, name);
  if (length >= (int)sizeof address.sun_path) return errno = ENAMETOOLONG, -1;
  return bind(socket, (struct sockaddr *)&address, sizeof address);
}

int do_listen(union argument *args) {
  const char *name = args[ARG_LISTEN_NAME].text.bytes;
  int directory = get_slot(args[ARG_LISTEN_AT].number);
  hint(name);
  if (!*name || strchr(name, '/')) return errno = EINVAL, -1;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  mode_t before = umask(0777 & ~args[ARG_LISTEN_MODE].u32); /* bind(2) gives the socket its mode at once */
  int result = bind_in(fd, directory, name), error = errno;
  umask(before);
  errno = error;
  if (result < 0 || listen(fd, 64) < 0) {
    error = errno;
    close(fd);
    return errno = error, -1;
  }
  return fill_slot(args[ARG_LISTEN_OUT].number, fd);
}

int do_lock(union argument *args) { return flock(get_slot(args[ARG_LOCK_SLOT].number), LOCK_SH | LOCK_NB); }

int do_terminal(union argument *args) {
  int master = open_beneath(args[ARG_TERMINAL_AT].number, &args[ARG_TERMINAL_PATH].text, O_RDWR | O_NOCTTY, 0), unlocked = 0;
  if (fill_slot(args[ARG_TERMINAL_MASTER].number, master) < 0) return -1;
  if (check_magic(master, DEVPTS_SUPER_MAGIC) < 0 || ioctl(master, TIOCSPTLCK, &unlocked) < 0) return -1;
  struct winsize size = {.ws_row = (unsigned short)args[ARG_TERMINAL_ROWS].u32, .ws_col = (unsigned short)args[ARG_TERMINAL_COLUMNS].u32};
  if (size.ws_row && ioctl(master, TIOCSWINSZ, &size) < 0) return -1;
  return fill_slot(args[ARG_TERMINAL_PEER].number, ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
}

int do_control_terminal(union argument *args) { return ioctl(get_slot(args[ARG_CONTROL_TERMINAL_TERMINAL].number), TIOCSCTTY, 0); }

/* What makes a name: tried once, and once more after what bore the name was removed. */
struct making {
  uint16_t at;
  const struct text *path;
  uint32_t flags;
  int (*make)(int parent, const char *name, union argument *args);
};

static bool is_directory(int parent, const char *name) {
  struct stat info;
  return !fstatat(parent, name, &info, AT_SYMLINK_NOFOLLOW) && S_ISDIR(info.st_mode);
}

static int place(const struct making *making, union argument *args) {
  const char *name;
  int parent = open_parent(making->at, making->path, &name);
  if (parent < 0) return -1;
  int result = making->make(parent, name, args);
  if (result >= 0 || errno != EEXIST) return result;
  if (making->flags & FLAG_PLACE_KEEP_DIRECTORY && is_directory(parent, name)) return 0;
  if (!(making->flags & FLAG_PLACE_REPLACE)) return errno = EEXIST, -1;
  result = remove_name(parent, name);
  if (result >= 0) result = making->make(parent, name, args);
  int error = errno;
  forget_parent(); /* what was removed may have been a directory that is remembered */
  return errno = error, result;
}

static int make_directory(int parent, const char *name, union argument *args) {
  return mkdirat(parent, name, args[ARG_MKDIR_MODE].u32 & 07777);
}

int do_mkdir(union argument *args) {
  struct making making = {args[ARG_MKDIR_AT].number, &args[ARG_MKDIR_PATH].text, args[ARG_MKDIR_FLAGS].u32, make_directory};
  return place(&making, args);
}

static int make_symlink(int parent, const char *name, union argument *args) {
  return symlinkat(args[ARG_SYMLINK_TARGET].text.bytes, parent, name);
}

int do_symlink(union argument *args) {
  struct making making = {args[ARG_SYMLINK_AT].number, &args[ARG_SYMLINK_PATH].text, args[ARG_SYMLINK_FLAGS].u32, make_symlink};
  return place(&making, args);
}

static int make_link(int parent, const char *name, union argument *args) {
  int existing = open_beneath(args[ARG_LINK_AT].number, &args[ARG_LINK_EXISTING].text, O_PATH | O_NOFOLLOW, 0);
  if (existing < 0) return -1;
  hint(args[ARG_LINK_PATH].text.bytes);
  int result = linkat(existing, "", parent, name, AT_EMPTY_PATH), error = errno;
  close(existing);
  return errno = error, result;
}

int do_link(union argument *args) {
  struct making making = {args[ARG_LINK_AT].number, &args[ARG_LINK_PATH].text, args[ARG_LINK_FLAGS].u32, make_link};
  return place(&making, args);
}

static int make_node(int parent, const char *name, union argument *args) {
  return mknodat(parent, name, args[ARG_MKNOD_MODE].u32, makedev(args[ARG_MKNOD_MAJOR].u32, args[ARG_MKNOD_MINOR].u32));
}

int do_mknod(union argument *args) {
  struct making making = {args[ARG_MKNOD_AT].number, &args[ARG_MKNOD_PATH].text, args[ARG_MKNOD_FLAGS].u32, make_node};
  return place(&making, args);
}

static int make_file(int parent, const char *name, union argument *args) {
  return openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, args[ARG_CREATE_MODE].u32 & 07777);
}

int do_create(union argument *args) {
  struct making making = {args[ARG_CREATE_AT].number, &args[ARG_CREATE_PATH].text, args[ARG_CREATE_FLAGS].u32 & ~FLAG_PLACE_KEEP_DIRECTORY, make_file};
  return fill_slot(args[ARG_CREATE_OUT].number, place(&making, args));
}

static int write_all(int fd, struct text bytes) {
  while (bytes.length) {
    ssize_t wrote = write(fd, bytes.bytes, bytes.length);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return errno = wrote ? errno : EIO, -1;
    bytes.bytes += wrote;
    bytes.length -= (uint32_t)wrote;
  }
  return 0;
}

int do_data(union argument *args) { return write_all(get_slot(args[ARG_DATA_FILE].number), args[ARG_DATA_BYTES].text); }

int do_hole(union argument *args) {
  int fd = get_slot(args[ARG_HOLE_FILE].number);
  if (args[ARG_HOLE_SIZE_BYTES].u64 > INT64_MAX) return errno = EFBIG, -1;
  off_t end = lseek(fd, (off_t)args[ARG_HOLE_SIZE_BYTES].u64, SEEK_CUR);
  return end < 0 ? -1 : ftruncate(fd, end);
}

/* fchmodat2(2) is young (6.6); before it, the way leads through an O_PATH descriptor and our own proc. */
static int change_mode(int at, const char *name, mode_t mode) {
  if (!*name && !fchmod(at, mode)) return 0;
  if (!syscall(SYS_fchmodat2, at, name, mode, AT_SYMLINK_NOFOLLOW | (*name ? 0 : AT_EMPTY_PATH))) return 0;
  if (errno != ENOSYS) return -1;
  int fd = *name ? openat(at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC) : fcntl(at, F_DUPFD_CLOEXEC, 0);
  if (fd < 0) return -1;
  char path[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  int result = chmod(path, mode), error = errno;
  close(fd);
  return errno = error, result;
}

static int change(int at, const char *name, union argument *args) {
  uint32_t set = args[ARG_ATTRIBUTES_SET].u32;
  int flags = AT_SYMLINK_NOFOLLOW | (*name ? 0 : AT_EMPTY_PATH);
  if (set & FLAG_ATTRIBUTES_OWNER && fchownat(at, name, args[ARG_ATTRIBUTES_UID].u32, args[ARG_ATTRIBUTES_GID].u32, flags) < 0) return -1;
  if (set & FLAG_ATTRIBUTES_MODE && change_mode(at, name, args[ARG_ATTRIBUTES_MODE].u32 & 07777) < 0) return -1;
  if (!(set & FLAG_ATTRIBUTES_TIMES)) return 0;
  struct timespec time = {.tv_sec = (time_t)args[ARG_ATTRIBUTES_SECONDS].u64, .tv_nsec = (long)args[ARG_ATTRIBUTES_NANOSECONDS].u32};
  struct timespec times[2] = {time, time};
  return *name ? utimensat(at, name, times, AT_SYMLINK_NOFOLLOW) : (int)syscall(SYS_utimensat, at, "", times, AT_EMPTY_PATH);
}

int do_attributes(union argument *args) {
  const char *name = "";
  int at = get_slot(args[ARG_ATTRIBUTES_AT].number);
  if (args[ARG_ATTRIBUTES_PATH].text.length) at = open_parent(args[ARG_ATTRIBUTES_AT].number, &args[ARG_ATTRIBUTES_PATH].text, &name);
  return at < 0 ? -1 : change(at, name, args);
}

/* setxattrat(2) is young (6.13); before it, the way leads through an O_PATH descriptor and our own proc. */
static int set_xattr(int at, const char *name, const char *key, struct text value) {
  struct { uint64_t value; uint32_t size, flags; } how = {(uint64_t)(uintptr_t)value.bytes, value.length, 0}; /* struct xattr_args */
  int flags = AT_SYMLINK_NOFOLLOW | (*name ? 0 : AT_EMPTY_PATH);
  if (!syscall(SYS_setxattrat, at, name, flags, key, &how, sizeof how)) return 0;
  if (errno != ENOSYS) return -1;
  int fd = *name ? openat(at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC) : fcntl(at, F_DUPFD_CLOEXEC, 0);
  if (fd < 0) return -1;
  char path[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  int result = setxattr(path, key, value.bytes, value.length, 0), error = errno;
  close(fd);
  return errno = error, result;
}

int do_xattr(union argument *args) {
  const char *name = "";
  int at = get_slot(args[ARG_XATTR_AT].number);
  if (args[ARG_XATTR_PATH].text.length) at = open_parent(args[ARG_XATTR_AT].number, &args[ARG_XATTR_PATH].text, &name);
  return at < 0 ? -1 : set_xattr(at, name, args[ARG_XATTR_NAME].text.bytes, args[ARG_XATTR_VALUE].text);
}

int do_unlink(union argument *args) {
  const char *name;
  int parent = open_parent(args[ARG_UNLINK_AT].number, &args[ARG_UNLINK_PATH].text, &name);
  if (parent < 0) return -1;
  int result = unlinkat(parent, name, args[ARG_UNLINK_FLAGS].u32 & FLAG_UNLINK_DIRECTORY ? AT_REMOVEDIR : 0), error = errno;
  forget_parent();
  return errno = error, result;
}

int do_remove_tree(union argument *args) {
  const char *name;
  int parent = open_parent(args[ARG_REMOVE_TREE_AT].number, &args[ARG_REMOVE_TREE_PATH].text, &name);
  if (parent < 0) return -1;
  int result = remove_name(parent, name), error = errno;
  forget_parent();
  return errno = error, result;
}

static int make_brought(int parent, const char *name, union argument *args) {
  return rename_to_new(get_slot(args[ARG_RENAME_FROM].number), args[ARG_RENAME_PATH].text.bytes, parent, name);
}

static int bring(union argument *args) {
  const char *name = args[ARG_RENAME_PATH].text.bytes;
  if (!*name || strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, "..")) return hint(name), errno = EINVAL, -1;
  struct making making = {args[ARG_RENAME_AT].number, &args[ARG_RENAME_TO].text, args[ARG_RENAME_FLAGS].u32 & ~FLAG_PLACE_KEEP_DIRECTORY, make_brought};
  return place(&making, args);
}

int do_rename(union argument *args) {
  const char *name, *to;
  if (args[ARG_RENAME_FROM].number != NONE) return bring(args);
  if (args[ARG_RENAME_FLAGS].u32) return errno = EINVAL, -1;
  int parent = open_parent(args[ARG_RENAME_AT].number, &args[ARG_RENAME_PATH].text, &name);
  if (parent < 0 || (parent = fcntl(parent, F_DUPFD_CLOEXEC, 0)) < 0) return -1;
  int target = open_parent(args[ARG_RENAME_AT].number, &args[ARG_RENAME_TO].text, &to);
  int result = target < 0 ? -1 : rename_to_new(parent, name, target, to), error = errno;
  close(parent);
  forget_parent();
  return errno = error, result;
}

static int is_on(int fd, uint32_t flags) {
  if (flags & FLAG_WRITE_PROC) return check_magic(fd, PROC_SUPER_MAGIC);
  if (flags & FLAG_WRITE_SYS) return check_magic(fd, SYSFS_MAGIC);
  if (!(flags & FLAG_WRITE_CGROUP)) return 0;
  return !check_magic(fd, CGROUP2_SUPER_MAGIC) ? 0 : check_magic(fd, CGROUP_SUPER_MAGIC);
}

int write_once(int fd, const char *bytes, size_t length) {
  ssize_t wrote = write(fd, bytes, length);
  if (wrote < 0) return -1;
  return (size_t)wrote == length ? 0 : (errno = EIO, -1);
}

int do_write(union argument *args) {
  uint32_t flags = args[ARG_WRITE_FLAGS].u32;
  int fd = open_beneath(args[ARG_WRITE_AT].number, &args[ARG_WRITE_PATH].text, O_WRONLY | O_NOCTTY | O_NONBLOCK, 0);
  if (fd < 0) return -1;
  int result = is_on(fd, flags);
  if (!result && flags & FLAG_WRITE_TRUNCATE) result = ftruncate(fd, 0); /* not O_TRUNC, which would come before the check */
  if (!result) result = write_once(fd, args[ARG_WRITE_BYTES].text.bytes, args[ARG_WRITE_BYTES].text.length);
  int error = errno;
  close(fd);
  return errno = error, result;
}

/* proc files give a page at a time: read(2) until the limit or the end. */
static ssize_t read_up_to(int fd, char *into, size_t limit) {
  size_t done = 0;
  while (done < limit) {
    ssize_t got = read(fd, into + done, limit - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    done += (size_t)got;
  }
  return (ssize_t)done;
}

int do_read(union argument *args) {
  static char content[MAX_STEP_BYTES];
  struct stat info;
  uint32_t limit = args[ARG_READ_LIMIT_BYTES].u32;
  int fd = open_beneath(args[ARG_READ_AT].number, &args[ARG_READ_PATH].text, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
  if (fd < 0) return -1;
  ssize_t got = fstat(fd, &info);
  if (!got && !S_ISREG(info.st_mode)) got = (errno = EINVAL, -1);
  if (!got) got = read_up_to(fd, content, limit < sizeof content ? limit : sizeof content);
  int error = errno;
  close(fd);
  if (got < 0) return errno = error, -1;
  report_content(content, (size_t)got);
  return 0;
}

int do_sync_file_system(union argument *args) { return syncfs(get_slot(args[ARG_SYNC_FILE_SYSTEM_SLOT].number)); }

int do_chroot(union argument *args) {
  hide();
  forget_parent();
  if (fchdir(get_slot(args[ARG_CHROOT_ROOT].number)) < 0 || chroot(".") < 0) return -1;
  return chdir("/");
}
