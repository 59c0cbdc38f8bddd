/*
 * The poll loop: output to log and clients, stdin from clients, and the child's death.
 * Whatever has to wait is left out of the poll set (fd -1), because poll(2) reports POLLHUP and POLLERR unasked.
 */
#define _GNU_SOURCE
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILD, INPUT, OUTPUTS, ATTACH = OUTPUTS + 2, ENTRIES = ATTACH + 1 + CLIENTS_MAX };

static struct source {
  int fd;
  enum stream stream;
} sources[2] = {{-1, STDOUT}, {-1, STDERR}};

static char output[READ_MAX] __attribute__((aligned(4096)));
static char input[STDIN_BUFFER] __attribute__((aligned(4096)));
static size_t input_start, input_end;
static int input_fd = -1;
static bool input_ending; /* close stdin when the buffer is empty */
static bool dead, draining;
static bool warm = true; /* memory was touched since the last trim */
static int64_t died_ms, last_output_ms, last_event_ms;

/* --- stdin --- */

static void close_input(void) {
  if (input_fd >= 0 && input_fd != options.pty) close(input_fd);
  input_fd = -1;
  input_start = input_end = 0;
}

static void push_input(void) {
  while (input_fd >= 0 && input_start < input_end) {
    ssize_t written = write(input_fd, input + input_start, input_end - input_start);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) return;
    if (written < 0) return close_input(); /* EPIPE: the payload closed its stdin; EIO: nobody has the terminal */
    input_start += (size_t)written;
  }
  input_start = input_end = 0;
  if (input_ending) close_input();
}

/* The place for bytes of stdin and how many: NULL where nobody takes them any more, 0 while earlier ones wait. */
size_t stdin_room(char **place) {
  *place = input_fd < 0 || input_ending ? NULL : input;
  return *place != NULL && input_end == 0 ? STDIN_BUFFER : 0;
}

void stdin_filled(size_t length) {
  input_end = length;
  push_input();
}

/* A terminal has no end of input that could be told apart from a typed one: it stays open. */
void stdin_end(void) {
  if (input_fd < 0 || input_fd == options.pty) return;
  input_ending = true;
  push_input();
}

/* --- output --- */

static void close_source(struct source *source) {
  if (source->fd != options.pty) close(source->fd); /* a terminal's size may be asked for until the end */
  source->fd = -1;
}

static void read_source(struct source *source) {
  size_t room = attach_room(source->stream);
  if (room == 0) return;
  ssize_t got = read(source->fd, output, room < READ_MAX ? room : READ_MAX);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) return close_source(source); /* EIO: the last descriptor of the terminal's other side is closed, pts(4) */
  log_output(source->stream, output, (size_t)got);
  attach_output(source->stream, output, (size_t)got);
  last_output_ms = now_ms();
}

/* --- the loop --- */

static int64_t sooner(int64_t first, int64_t second) {
  return first < 0 || (second >= 0 && second < first) ? second : first;
}

static int wait_ms(void) {
  int64_t deadline = sooner(log_deadline_ms(), attach_deadline_ms());
  if (warm) deadline = sooner(deadline, last_event_ms + TRIM_AFTER_MS);
  if (draining) deadline = sooner(deadline, sooner(last_output_ms + IDLE_AFTER_DEATH_MS, died_ms + OUTPUT_AFTER_DEATH_MS));
  if (deadline < 0) return -1;
  int64_t left = deadline - now_ms();
  return left < 0 ? 0 : (int)left;
}

/* The linker's names for the first byte of the program and for the end of its code, end(3). */
extern char __executable_start[], etext[];

/* Gives back what is not needed while waiting: buffers, and code; the few pages of the loop come back from the page cache. */
static void trim(void) {
  warm = false;
  madvise(__executable_start, (size_t)(etext - __executable_start), MADV_DONTNEED);
  madvise(output, sizeof output, MADV_DONTNEED);
  if (input_end == 0) madvise(input, sizeof input, MADV_DONTNEED);
  log_trim();
  attach_trim();
}

static void turn(void) {
  struct pollfd entries[ENTRIES];
  entries[CHILD] = (struct pollfd){.fd = dead ? -1 : options.child, .events = POLLIN};
  entries[INPUT] = (struct pollfd){.fd = input_fd, .events = input_end > 0 ? POLLOUT : 0};
  if (input_fd == options.pty && input_end == 0) entries[INPUT].fd = -1; /* its end is seen by reading */
  for (int i = 0; i < 2; i++) {
    bool open = sources[i].fd >= 0 && attach_room(sources[i].stream) > 0;
    entries[OUTPUTS + i] = (struct pollfd){.fd = open ? sources[i].fd : -1, .events = POLLIN};
  }
  size_t attach_count = attach_poll(entries + ATTACH);
  int events = poll(entries, ATTACH + attach_count, wait_ms());
  int64_t now = now_ms();
  int64_t flush_ms = log_deadline_ms();
  if (flush_ms >= 0 && now >= flush_ms) log_flush();
  if (events <= 0) {
    if (events == 0 && warm && now >= last_event_ms + TRIM_AFTER_MS) trim();
    return;
  }
  warm = true;
  last_event_ms = now;
  if (entries[INPUT].revents & (POLLERR | POLLHUP)) close_input();
  else if (entries[INPUT].revents != 0) push_input();
  for (int i = 0; i < 2; i++)
    if (entries[OUTPUTS + i].revents != 0) read_source(&sources[i]);
  attach_act(entries + ATTACH, attach_count);
  if (entries[CHILD].revents != 0) dead = true;
}

static void set_nonblocking(int fd) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) fail(errno, "make a stream non-blocking");
}

void relay_begin(void) {
  input_fd = options.pty >= 0 ? options.pty : options.in;
  sources[0].fd = options.pty >= 0 ? options.pty : options.out;
  sources[1].fd = options.err;
  if (input_fd >= 0) set_nonblocking(input_fd);
  for (int i = 0; i < 2; i++)
    if (sources[i].fd >= 0) set_nonblocking(sources[i].fd);
  last_event_ms = now_ms();
}

/* Reaps the child: waitid(2) with the pidfd, since its pid may be another one in our namespace. */
static void reap(struct ending *ending) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  clock_gettime(CLOCK_REALTIME, &ending->wall);
  clock_gettime(CLOCK_MONOTONIC, &ending->monotonic);
  int result;
  do result = waitid((idtype_t)3 /* P_PIDFD */, (id_t)options.child, &info, WEXITED);
  while (result < 0 && errno == EINTR);
  if (result < 0) return;
  ending->known = true;
  ending->core_dumped = info.si_code == CLD_DUMPED;
  ending->signal = info.si_code == CLD_EXITED ? 0 : info.si_status;
  ending->code = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

static bool output_over(void) {
  if (sources[0].fd < 0 && sources[1].fd < 0) return true;
  int64_t now = now_ms();
  return now - last_output_ms >= IDLE_AFTER_DEATH_MS || now - died_ms >= OUTPUT_AFTER_DEATH_MS;
}

/* Until the child is dead and its output is read to the end, or as far as it comes. */
void relay_until_dead(struct ending *ending) {
  while (!dead) turn();
  reap(ending);
  died_ms = last_output_ms = now_ms();
  attach_child_died();
  close_input();
  draining = true;
  while (!output_over()) turn();
  draining = false;
  for (int i = 0; i < 2; i++)
    if (sources[i].fd >= 0) close_source(&sources[i]);
  log_flush();
}

/* Serves the clients until each has the exit record, or has had its time. */
void relay_farewell(void) {
  while (!attach_farewell_over()) turn();
}
