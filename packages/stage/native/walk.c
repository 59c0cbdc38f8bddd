/*
 * walk: reads a tree and writes it to stdout as records, the root first, depth first, names of a directory in byte order.
 *   walk [--content] [--xattrs] ROOT      ROOT: a path, or the number of an inherited descriptor
 * It never follows a symbolic link, never opens anything but directories and regular files, and goes up only to the very
 * directory it came from. It works inside the directory at hand (fchdir), so every name it uses is one component.
 *
 * A record is {u8 type, u8[3] zero, u32 length} and a payload; all numbers are little-endian. Types:
 *   1 entry    mode u32, uid u32, gid u32, links u32, size u64, mtime seconds i64, nanoseconds u32, rdev major u32, minor u32,
 *              dev major u32, minor u32, ino u64, allocated bytes u64, lengths of path u32 and link target u32, count of xattrs u32,
 *              path, target, then for each xattr the lengths of name u32 and value u32, name, value
 *   2 content  bytes of the regular file whose entry came before, never more than its size said
 *   3 whole    behind a regular file's content: bytes that were read u64 (fewer: it shrank), errno u32
 *   4 problem  errno u32, length of path u32, path, what was being done
 *   5 end      entries u64; without it the walk was cut off
 *   6 hole     among content: so many bytes u64 that read as zero and were not read
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { DEPTH_MAX = 4096, CONTENT_MAX = 256 * 1024, XATTR_MAX = 64 * 1024, HEADER = 8 };
enum record { ENTRY = 1, CONTENT, WHOLE, PROBLEM, END, HOLE_RECORD };

struct bytes {
  char *at;
  size_t length, room;
};

/* A directory on the way from the root: its names, and who it is, to know it again when coming back up. */
struct level {
  char *names; /* one after the other, each with its NUL */
  char **sorted;
  size_t count, next;
  size_t path_length;
  dev_t dev;
  ino_t ino;
};

static bool with_content, with_xattrs;
static struct bytes out, path;
static struct level levels[DEPTH_MAX];
static size_t depth;
static int here = -1; /* the directory at hand, also the working directory */
static uint64_t entries;

/* --- bytes --- */

static void reserve(struct bytes *bytes, size_t more) {
  if (bytes->room - bytes->length >= more) return;
  bytes->room = (bytes->length + more) * 2;
  bytes->at = realloc(bytes->at, bytes->room);
  if (bytes->at == NULL) _exit(3);
}

static void append(struct bytes *bytes, const void *from, size_t length) {
  reserve(bytes, length);
  if (length > 0) memcpy(bytes->at + bytes->length, from, length);
  bytes->length += length;
}

static void append_u32(uint32_t number) {
  uint8_t wire[4] = {(uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16), (uint8_t)(number >> 24)};
  append(&out, wire, 4);
}

static void append_u64(uint64_t number) {
  append_u32((uint32_t)number);
  append_u32((uint32_t)(number >> 32));
}

static void flush(void) {
  for (size_t done = 0; done < out.length;) {
    ssize_t written = write(STDOUT_FILENO, out.at + done, out.length - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) _exit(3); /* nobody reads any more */
    done += (size_t)written;
  }
  out.length = 0;
}

/* --- records --- */

static size_t begin_record(enum record type) {
  size_t at = out.length;
  append_u32(type);
  append_u32(0);
  return at;
}

static void end_record(size_t at) {
  size_t length = out.length - at - HEADER;
  for (int i = 0; i < 4; i++) out.at[at + 4 + (size_t)i] = (char)(length >> (8 * i));
  if (out.length >= CONTENT_MAX) flush();
}

static void problem(int error, const char *doing) {
  size_t at = begin_record(PROBLEM);
  append_u32((uint32_t)error);
  append_u32((uint32_t)path.length);
  append(&out, path.at, path.length);
  append(&out, doing, strlen(doing));
  end_record(at);
}

static void give_up(int error, const char *doing) {
  problem(error, doing);
  flush();
  _exit(1);
}

/* --- one entry --- */

/* The extended attributes of `name` in the directory at hand; one that vanishes meanwhile is left out. Tells how many. */
static uint32_t append_xattrs(const char *name) {
  static char names[XATTR_MAX], value[XATTR_MAX]; /* the kernel's own limits, xattr(7) */
  uint32_t count = 0;
  ssize_t length = llistxattr(name, names, sizeof names);
  if (length < 0 && errno != ENOTSUP) return UINT32_MAX;
  for (ssize_t at = 0; at < length; at += (ssize_t)strlen(names + at) + 1) {
    ssize_t size = lgetxattr(name, names + at, value, sizeof value);
    if (size < 0 && (errno == ENODATA || errno == ENOTSUP)) continue;
    if (size < 0) return UINT32_MAX;
    append_u32((uint32_t)strlen(names + at));
    append_u32((uint32_t)size);
    append(&out, names + at, strlen(names + at));
    append(&out, value, (size_t)size);
    count++;
  }
  return count;
}

static void put_u32_at(size_t at, uint32_t number) {
  for (int i = 0; i < 4; i++) out.at[at + (size_t)i] = (char)(number >> (8 * i));
}

/* Writes the entry `name` of the directory at hand ("." is the directory itself); false, with a problem told, if it cannot. */
static bool write_entry(const char *name, const struct stat *status) {
  char target[4096];
  ssize_t target_length = S_ISLNK(status->st_mode) ? readlink(name, target, sizeof target) : 0;
  if (target_length < 0) return problem(errno, "read the link"), false;
  size_t at = begin_record(ENTRY);
  append_u32(status->st_mode), append_u32(status->st_uid), append_u32(status->st_gid);
  append_u32((uint32_t)status->st_nlink), append_u64((uint64_t)status->st_size);
  append_u64((uint64_t)status->st_mtim.tv_sec), append_u32((uint32_t)status->st_mtim.tv_nsec);
  append_u32(major(status->st_rdev)), append_u32(minor(status->st_rdev));
  append_u32(major(status->st_dev)), append_u32(minor(status->st_dev)), append_u64(status->st_ino);
  append_u64((uint64_t)status->st_blocks * 512); /* stat(2): always of 512 bytes */
  append_u32((uint32_t)path.length), append_u32((uint32_t)target_length);
  size_t count_at = out.length;
  append_u32(0);
  append(&out, path.at, path.length);
  append(&out, target, (size_t)target_length);
  uint32_t xattrs = with_xattrs ? append_xattrs(name) : 0;
  if (xattrs == UINT32_MAX) {
    int error = errno;
    out.length = at;
    return problem(error, "read the extended attributes"), false;
  }
  put_u32_at(count_at, xattrs);
  end_record(at);
  entries++;
  return true;
}

static void write_hole(uint64_t length) {
  size_t at = begin_record(HOLE_RECORD);
  append_u64(length);
  end_record(at);
}

/* Passes over a hole at `done`, if there is one, and tells where the data behind it ends; lseek(2), SEEK_DATA. */
static uint64_t next_data(int fd, uint64_t *done, uint64_t size) {
  struct stat now;
  off_t begin = lseek(fd, (off_t)*done, SEEK_DATA);
  if (begin < 0 && errno != ENXIO) return size; /* the file system does not know holes */
  if (begin < 0) begin = fstat(fd, &now) == 0 ? now.st_size : 0; /* a hole up to the end, wherever that is by now */
  uint64_t data = (uint64_t)begin < size ? (uint64_t)begin : size;
  if (data > *done) write_hole(data - *done), *done = data;
  off_t end = lseek(fd, (off_t)*done, SEEK_HOLE);
  if (lseek(fd, (off_t)*done, SEEK_SET) < 0 || end <= (off_t)*done || (uint64_t)end > size) return size;
  return (uint64_t)end;
}

static void write_content(int fd, const struct stat *status) {
  uint64_t size = (uint64_t)status->st_size, done = 0;
  bool sparse = (uint64_t)status->st_blocks * 512 < size;
  uint64_t data_end = sparse ? 0 : size;
  ssize_t got = 1;
  while (done < size && got > 0) {
    if (done == data_end) data_end = next_data(fd, &done, size);
    size_t most = data_end - done < CONTENT_MAX ? (size_t)(data_end - done) : CONTENT_MAX;
    if (most == 0) break;
    size_t at = begin_record(CONTENT);
    reserve(&out, most);
    do got = read(fd, out.at + out.length, most);
    while (got < 0 && errno == EINTR);
    int error = errno;
    if (got > 0) out.length += (size_t)got, done += (uint64_t)got, end_record(at);
    else out.length = at;
    errno = error;
  }
  int error = got < 0 ? errno : 0;
  size_t at = begin_record(WHOLE);
  append_u64(done);
  append_u32((uint32_t)error);
  end_record(at);
}

/*
 * Opens a regular file for reading without the risk of opening a device that took its place: first as a mere name (O_PATH),
 * then, looked at, through it, proc_pid_fd(5).
 */
static int open_regular(const char *name, struct stat *status) {
  char link[32] = "/proc/self/fd/";
  int fd = openat(here, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), opened = -1;
  if (fd < 0) return -1;
  char digits[12];
  size_t length = 0, end = strlen(link);
  for (int number = fd; length == 0 || number > 0; number /= 10) digits[length++] = (char)('0' + number % 10);
  while (length > 0) link[end++] = digits[--length];
  link[end] = 0;
  if (fstat(fd, status) == 0) {
    if (S_ISREG(status->st_mode)) opened = open(link, O_RDONLY | O_CLOEXEC);
    else errno = ESTALE;
  }
  int error = errno;
  close(fd);
  errno = error;
  return opened;
}

static void write_regular(const char *name, struct stat *status) {
  int fd = open_regular(name, status);
  if (fd < 0) return problem(errno, "open");
  if (write_entry(name, status)) write_content(fd, status);
  close(fd);
}

/* --- directories --- */

static int compare_names(const void *first, const void *second) {
  return strcmp(*(char *const *)first, *(char *const *)second);
}

static bool is_dots(const char *name) { return name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0)); }

/* Reads the names of the directory at hand into the new top level. */
static bool read_names(struct level *level) {
  struct bytes names = {0};
  int copy = openat(here, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *directory = copy < 0 ? NULL : fdopendir(copy);
  if (directory == NULL) return false;
  level->count = 0;
  errno = 0;
  for (struct dirent *entry; (entry = readdir(directory)) != NULL; errno = 0) {
    if (is_dots(entry->d_name)) continue;
    append(&names, entry->d_name, strlen(entry->d_name) + 1);
    level->count++;
  }
  int error = errno;
  closedir(directory);
  level->names = names.at;
  level->sorted = calloc(level->count + 1, sizeof *level->sorted);
  if (level->sorted == NULL) _exit(3);
  char *at = names.at;
  for (size_t i = 0; i < level->count; i++, at += strlen(at) + 1) level->sorted[i] = at;
  qsort(level->sorted, level->count, sizeof *level->sorted, compare_names);
  if (error != 0) problem(error, "read the directory"); /* what was read before is still shown */
  return true;
}

/* Makes `fd` the directory at hand and a new level; false with errno. */
static bool enter(int fd) {
  struct stat status;
  struct level *level = &levels[depth];
  if (depth == DEPTH_MAX) return errno = ELOOP, close(fd), false;
  int before = here;
  if (fstat(fd, &status) < 0 || fchdir(fd) < 0) return close(fd), false;
  here = fd;
  if (!read_names(level)) {
    int error = errno;
    if (before >= 0 && fchdir(before) < 0) give_up(errno, "go back to the directory above");
    close(fd);
    here = before;
    return errno = error, false;
  }
  if (before >= 0) close(before);
  level->next = 0;
  level->path_length = path.length;
  level->dev = status.st_dev;
  level->ino = status.st_ino;
  depth++;
  return true;
}

/* Back to the directory above, which has to be the one we came from: a directory may be moved under our feet. */
static void leave(void) {
  struct stat status;
  free(levels[depth - 1].names);
  free(levels[depth - 1].sorted);
  depth--;
  if (depth == 0) return;
  struct level *above = &levels[depth - 1];
  path.length = above->path_length;
  int fd = openat(here, "..", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &status) < 0) give_up(errno, "go back to the directory");
  if (status.st_dev != above->dev || status.st_ino != above->ino) give_up(ESTALE, "go back to the directory");
  if (fchdir(fd) < 0) give_up(errno, "go back to the directory");
  close(here);
  here = fd;
}

static void visit(const char *name) {
  struct stat status;
  size_t above = levels[depth - 1].path_length;
  path.length = above;
  if (above > 0) append(&path, "/", 1);
  append(&path, name, strlen(name));
  if (fstatat(here, name, &status, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0) return problem(errno, "look at");
  if (with_content && S_ISREG(status.st_mode)) return write_regular(name, &status);
  if (!write_entry(name, &status) || !S_ISDIR(status.st_mode)) return;
  int fd = openat(here, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 || !enter(fd)) problem(errno, "enter the directory");
}

static int open_root(const char *root) {
  size_t digits = strspn(root, "0123456789");
  if (digits == 0 || root[digits] != 0) return open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  return openat(atoi(root), ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int main(int argc, char **argv) {
  struct stat status;
  const char *root = NULL;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--content") == 0) with_content = true;
    else if (strcmp(argv[i], "--xattrs") == 0) with_xattrs = true;
    else if (root == NULL && argv[i][0] != '-') root = argv[i];
    else root = "", i = argc;
  }
  if (root == NULL || *root == 0) give_up(EINVAL, "read the arguments");
  int fd = open_root(root);
  if (fd < 0) give_up(errno, "open the root");
  if (fstat(fd, &status) < 0 || fchdir(fd) < 0) give_up(errno, "open the root");
  if (!write_entry(".", &status) || !enter(fd)) give_up(errno, "read the root");
  while (depth > 0) {
    struct level *level = &levels[depth - 1];
    if (level->next == level->count) leave();
    else visit(level->sorted[level->next++]);
  }
  size_t at = begin_record(END);
  append_u64(entries);
  end_record(at);
  flush();
  return 0;
}
