/* The control stream: the plan, then marks and streamed steps. Read through a buffer; only one lane may read it. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "stage.h"

static unsigned char buffer[64 * 1024];
static size_t from, to;

/* The caller is gone, and with it whoever could be told: whatever waits for this lane must not take its end for success. */
static _Noreturn void caller_gone(void) {
  __atomic_store_n(&stage.shared->failed, 1, __ATOMIC_SEQ_CST);
  _exit(1);
}

static void refill(void) {
  ssize_t got;
  do got = read(CONTROL, buffer, sizeof buffer);
  while (got < 0 && errno == EINTR);
  if (got < 0) fail(errno);
  if (got == 0) caller_gone();
  from = 0;
  to = (size_t)got;
}

static size_t large_read(unsigned char *into, size_t length) {
  ssize_t got;
  do got = read(CONTROL, into, length);
  while (got < 0 && errno == EINTR);
  if (got < 0) fail(errno);
  if (got == 0) caller_gone();
  return (size_t)got;
}

void control_read(void *into, size_t length) {
  unsigned char *out = into;
  while (length > 0) {
    if (from == to && length >= sizeof buffer) {
      size_t got = large_read(out, length);
      out += got;
      length -= got;
      continue;
    }
    if (from == to) refill();
    size_t part = to - from < length ? to - from : length;
    memcpy(out, buffer + from, part);
    from += part;
    out += part;
    length -= part;
  }
}
