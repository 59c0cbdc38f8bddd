/* What stage tells: pids, marks, and the first cause of a failure, once. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "stage.h"

struct record {
  uint8_t kind, reserved;
  uint16_t lane;
  uint32_t step;
  int32_t error;
  uint32_t text_length;
  uint64_t value;
};

void report(enum report_kind kind, uint32_t step, int error, uint64_t value, struct text text) {
  struct record record = {kind, 0, stage.lane, step, error, text.length, value};
  struct iovec parts[2] = {{&record, sizeof record}, {(void *)text.bytes, text.length}};
  ssize_t wrote;
  do wrote = writev(REPORT, parts, 2); /* a blocking stream: all of it, or the caller is gone */
  while (wrote < 0 && errno == EINTR);
}

/* Ends this lane. Only the first lane to fail reports; the others follow from it. */
_Noreturn void fail(int error) {
  if (!stage.shared || !__atomic_exchange_n(&stage.shared->failed, 1, __ATOMIC_SEQ_CST))
    report(REPORT_FAILED, stage.step, error, stage.op, (struct text){stage.hint, (uint32_t)strlen(stage.hint)});
  _exit(1);
}

/* Ends a stage whose plan cannot be trusted. */
_Noreturn void broken(const char *what) {
  hint(what);
  fail(EBADMSG);
}

/* The other end of a mark or lane is gone; it has reported if it could. */
_Noreturn void peer_gone(void) {
  hint("the other lane ended");
  fail(EPIPE);
}

void hint(const char *text) { snprintf(stage.hint, sizeof stage.hint, "%s", text); }
