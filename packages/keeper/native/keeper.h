/*
 * keeper: waits next to one container. It is the parent of the container's first process; it relays standard streams or a
 * terminal to the log and to attach clients, reaps the process, records how it ended, and is gone.
 * It knows nothing about what it runs: every descriptor, path and name comes with the arguments.
 */
#ifndef KEEPER_H
#define KEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Limits; the protocol's own (FRAME_MAX) is promised to clients. */
enum {
  FRAME_MAX = 64 * 1024,         /* payload of one frame */
  READ_MAX = 64 * 1024,          /* one read of output: what a pipe holds */
  LINE_MAX_BYTES = 16 * 1024,    /* a longer line is cut into partial ones in the log */
  CLIENTS_MAX = 64,
  CLIENT_BUFFER = 68 * 1024,     /* unsent bytes of one client before output is not read any more */
  CLIENT_BUFFER_LAST = 320 * 1024, /* the same after the child's death: what both pipes hold, and the exit record */
  STDIN_BUFFER = 16 * 1024,
  RECORD_MAX = FRAME_MAX,
  RECORD_RESERVED = 8 * 1024,    /* disk space taken at start so that a full disk cannot swallow the exit record */
  FILE_BEGINNING = 4 * 1024,
  READS_MAX = 16,
  RMDIRS_MAX = 32,
  LINE_HOLD_MS = 100,            /* an unfinished line waits this long for its end before it is logged as partial */
  IDLE_AFTER_DEATH_MS = 1000,    /* a grandchild keeps the pipe open: silence that ends the waiting */
  OUTPUT_AFTER_DEATH_MS = 10000, /* and the longest such waiting when it is not silent */
  FAREWELL_MS = 5000,
  TRIM_AFTER_MS = 1000,          /* silence after which buffers go back to the kernel */
};

enum stream { STDOUT = 1, STDERR = 2 };

/* --- arguments.c: descriptors that were not given are -1, texts NULL --- */
struct options {
  int child, in, out, err, pty, log, listen, client, run, keep, ready;
  bool stdin_once;
  const char *stamp, *exit_name, *pid_name;
  const char *reads[READS_MAX], *rmdirs[RMDIRS_MAX];
  int read_count, rmdir_count;
  char **then;
};
extern struct options options;
void arguments_read(int argc, char **argv);
bool arguments_name(int descriptor);

/* --- main.c --- */
void fail(int error, const char *what) __attribute__((noreturn));

/* --- text.c: bounded text; what does not fit is dropped and `cut` says so --- */
struct text {
  char *bytes;
  size_t length, room;
  bool cut;
};
void put(struct text *text, const char *string);
void put_bytes(struct text *text, const void *bytes, size_t length);
void put_number(struct text *text, uint64_t number);
void put_json(struct text *text, const void *bytes, size_t length);
void put_time(struct text *text, struct timespec time);
int64_t now_ms(void);

/* --- log.c --- */
void log_output(enum stream stream, const char *bytes, size_t length);
void log_flush(void);
int64_t log_deadline_ms(void);
uint64_t log_lost_bytes(void);
void log_trim(void);

/* --- attach.c --- */
struct pollfd;
void attach_begin(void);
size_t attach_room(enum stream stream);
void attach_output(enum stream stream, const char *bytes, size_t length);
size_t attach_poll(struct pollfd *entries);
void attach_act(const struct pollfd *entries, size_t count);
void attach_child_died(void);
void attach_exited(const char *record, size_t length);
bool attach_farewell_over(void);
bool attach_acknowledged(void);
int64_t attach_deadline_ms(void);
void attach_trim(void);

/* --- relay.c --- */
struct ending {
  bool known; /* false: somebody else reaped the child */
  int code, signal;
  bool core_dumped;
  struct timespec wall, monotonic;
};
void relay_begin(void);
void relay_until_dead(struct ending *ending);
void relay_farewell(void);
size_t stdin_room(char **place);
void stdin_filled(size_t length);
void stdin_end(void);

/* --- record.c --- */
void record_begin(void);
void record_pid(void);
void record_exit_compose(const struct ending *ending);
size_t record_exit_write(const char **bytes);

#endif
