/* What stage tells: pids, marks, contents, and the cause of a failure. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "stage.h"

#define CONTENT_PART (16 * 1024)

struct record {
  uint8_t kind, streamed;
  uint16_t lane;
  uint32_t step;
  int32_t error;
  uint32_t text_length;
  uint64_t value;
};

/* Lanes share the stream: a record is small enough to be queued in one piece (unix(7)), so that none is torn apart. */
void report(enum report_kind kind, int error, uint64_t value, struct text text) {
  struct record record = {kind, stage.streamed, stage.lane, stage.step, error, text.length, value};
  struct iovec parts[2] = {{&record, sizeof record}, {(void *)text.bytes, text.length}};
  ssize_t wrote;
  do wrote = writev(stage.report, parts, 2); /* a blocking stream: all of it, or the caller is gone */
  while (wrote < 0 && errno == EINTR);
}

/* As many records as it takes, at least one. */
void report_content(const char *bytes, size_t length) {
  do {
    uint32_t part = length < CONTENT_PART ? (uint32_t)length : CONTENT_PART;
    report(REPORT_CONTENT, 0, 0, (struct text){bytes, part});
    bytes += part;
    length -= part;
  } while (length);
}

/* Ends this lane. It reports before anything can follow from its end, so the first report of a failure is the first cause. */
_Noreturn void fail(int error) {
  report(REPORT_FAILED, error, stage.op, (struct text){stage.hint, (uint32_t)strlen(stage.hint)});
  _exit(1);
}

/* Ends a stage whose plan cannot be trusted. */
_Noreturn void broken(const char *what) {
  hint(what);
  fail(EBADMSG);
}

/* The other end of a mark is gone; it has reported if it could. */
int peer_gone(void) {
  hint("the other lane ended");
  return errno = EPIPE, -1;
}

void hint(const char *text) { snprintf(stage.hint, sizeof stage.hint, "%s", text); }
