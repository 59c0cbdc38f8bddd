/*
 * The log in the format of CRI's k8s-file: `TIME STREAM F line` or `TIME STREAM P piece`, one time for a whole chunk.
 * A chunk is formatted into one buffer and written at once. A full disk never stops the container: what could not be
 * written is counted, the file is cut back to its last whole line, and the next chunk is tried again.
 */
#define _GNU_SOURCE
#include "keeper.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* "2016-10-06T00:17:09.669794202+00:00 stdout F " and the line feed */
enum { PREFIX_MAX = 48, FORMATTED_MAX = 128 * 1024 };

static char formatted_bytes[FORMATTED_MAX] __attribute__((aligned(4096)));
static struct text formatted = {formatted_bytes, 0, FORMATTED_MAX, false};
static uint64_t lost;
static bool torn; /* the file ends in half a line that could not be cut off */

/* The unfinished line of a stream, and until when it may wait for its end. */
static char tail_bytes[2][LINE_MAX_BYTES] __attribute__((aligned(4096)));
static struct tail {
  char *bytes;
  size_t length;
  int64_t deadline_ms;
} tails[2] = {{tail_bytes[0], 0, 0}, {tail_bytes[1], 0, 0}};

/* Cuts half a line off the end of the file; the disk is full, so the bytes of its beginning are all that was written. */
static void cut_back(size_t half) {
  struct stat status;
  if (half == 0) return;
  torn = fstat(options.log, &status) < 0 || ftruncate(options.log, status.st_size - (off_t)half) < 0;
}

static void write_out(void) {
  size_t done = 0;
  if (torn && write(options.log, "\n", 1) == 1) torn = false;
  while (!torn && done < formatted.length) {
    ssize_t written = write(options.log, formatted.bytes + done, formatted.length - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;
    done += (size_t)written;
  }
  if (done < formatted.length) {
    size_t half = 0;
    while (half < done && formatted.bytes[done - half - 1] != '\n') half++;
    cut_back(half);
    lost += formatted.length - (done - half);
  }
  formatted.length = 0;
}

/* One line of the log out of two pieces: what waited and what has come. */
static void format_line(enum stream stream, char flag, struct tail *tail, const char *bytes, size_t length, struct text *time) {
  if (FORMATTED_MAX - formatted.length < PREFIX_MAX + tail->length + length + 1) write_out();
  put_bytes(&formatted, time->bytes, time->length);
  put(&formatted, stream == STDOUT ? " stdout " : " stderr ");
  put_bytes(&formatted, flag == 'F' ? "F " : "P ", 2);
  put_bytes(&formatted, tail->bytes, tail->length);
  put_bytes(&formatted, bytes, length);
  put_bytes(&formatted, "\n", 1);
  tail->length = 0;
}

static void current_time(struct text *time) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  put_time(time, now);
}

void log_output(enum stream stream, const char *bytes, size_t length) {
  if (options.log < 0) return;
  struct tail *tail = &tails[stream - 1];
  char room[PREFIX_MAX];
  struct text time = {room, 0, sizeof room, false};
  current_time(&time);
  while (length > 0) {
    size_t reach = LINE_MAX_BYTES - tail->length; /* how far this line may go on */
    const char *end = memchr(bytes, '\n', length < reach ? length : reach);
    size_t piece = end != NULL ? (size_t)(end - bytes) : length < reach ? length : reach;
    if (end != NULL) {
      format_line(stream, 'F', tail, bytes, piece, &time);
      piece++;
    } else if (piece == reach) {
      format_line(stream, 'P', tail, bytes, piece, &time);
    } else {
      if (tail->length == 0) tail->deadline_ms = now_ms() + LINE_HOLD_MS;
      memcpy(tail->bytes + tail->length, bytes, piece);
      tail->length += piece;
    }
    bytes += piece;
    length -= piece;
  }
  if (formatted.length > 0) write_out();
}

/* Writes the unfinished lines as partial ones, the way conmon does with the end of what it has read. */
void log_flush(void) {
  for (enum stream stream = STDOUT; stream <= STDERR; stream++) {
    if (tails[stream - 1].length == 0) continue;
    char room[PREFIX_MAX];
    struct text time = {room, 0, sizeof room, false};
    current_time(&time);
    format_line(stream, 'P', &tails[stream - 1], "", 0, &time);
    write_out();
  }
}

/* When log_flush is due, -1 for never. */
int64_t log_deadline_ms(void) {
  int64_t deadline = -1;
  for (int i = 0; i < 2; i++)
    if (tails[i].length > 0 && (deadline < 0 || tails[i].deadline_ms < deadline)) deadline = tails[i].deadline_ms;
  return deadline;
}

uint64_t log_lost_bytes(void) { return lost; }

void log_trim(void) {
  madvise(formatted_bytes, sizeof formatted_bytes, MADV_DONTNEED);
  if (log_deadline_ms() < 0) madvise(tail_bytes, sizeof tail_bytes, MADV_DONTNEED);
}
