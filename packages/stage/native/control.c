/* The control stream: the plan, then marks and streamed steps. Read through a buffer; only one lane may read it. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "stage.h"

static unsigned char buffer[64 * 1024];
static size_t from, to;

/* At end of file the caller is gone, and with it whoever could be told. */
static size_t read_some(unsigned char *into, size_t length) {
  ssize_t got;
  do got = read(CONTROL, into, length);
  while (got < 0 && errno == EINTR);
  if (got < 0) fail(errno);
  if (got == 0) _exit(1);
  return (size_t)got;
}

void control_read(void *into, size_t length) {
  unsigned char *out = into;
  while (length > 0) {
    if (from == to && length >= sizeof buffer) {
      size_t got = read_some(out, length);
      out += got;
      length -= got;
      continue;
    }
    if (from == to) {
      from = 0;
      to = read_some(buffer, sizeof buffer);
    }
    size_t part = to - from < length ? to - from : length;
    memcpy(out, buffer + from, part);
    from += part;
    out += part;
    length -= part;
  }
}
