/*
 * Attach clients: frames of an 8-byte header {u8 type, u8[3] zero, u32 little-endian length} and a payload.
 * Output goes to each client that wants it through a bounded buffer; a full one stops the reading of output (attach_room),
 * so the container waits for its slowest reader. A malformed frame costs that client its connection and nothing else.
 */
#define _GNU_SOURCE
#include "keeper.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum frame_type { EXITED = 3, ATTACHED = 4, HELLO = 16, STDIN_DATA = 17, STDIN_END = 18, RESIZE = 19, ACKNOWLEDGE = 20 };
enum { HEADER = 8, WANTS_STDIN = 4, ROOM_MIN = 4096 };

struct client {
  int fd; /* -1: no client here */
  bool primary, eof, gone, taken;
  uint8_t wants; /* bits of enum stream and WANTS_STDIN */
  uint8_t header[HEADER], payload[4];
  size_t header_got, payload_left;
  char *unsent; /* mapped while needed: CLIENT_BUFFER_LAST bytes, of which start to end are waiting */
  size_t start, end;
  int64_t progress_ms;
};

static struct client clients[CLIENTS_MAX];
static bool dying;                /* the child is dead: no back-pressure any more, the rest of the pipes must fit */
static const char *exit_record;   /* set for the farewell */
static size_t exit_record_length;
static bool acknowledged;
static char discarded[512]; /* where stdin goes that nobody reads any more */
static int64_t accept_again_ms;   /* accepting failed for want of descriptors or memory: not before this */

static void release_buffer(struct client *client) {
  if (client->unsent != NULL) munmap(client->unsent, CLIENT_BUFFER_LAST);
  client->unsent = NULL;
  client->start = client->end = 0;
}

/* Nothing can be sent to this client any more; what it sent before may still be read. */
static void lose(struct client *client) {
  client->gone = true;
  client->wants &= WANTS_STDIN;
  release_buffer(client);
}

static void drop(struct client *client) {
  bool ends_stdin = client->primary && options.stdin_once && !client->eof;
  release_buffer(client);
  close(client->fd);
  memset(client, 0, sizeof *client);
  client->fd = -1;
  if (ends_stdin) stdin_end();
}

/* --- to the client --- */

static void send_unsent(struct client *client) {
  while (client->start < client->end) {
    ssize_t sent = send(client->fd, client->unsent + client->start, client->end - client->start, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno != EAGAIN) lose(client);
    if (sent < 0) return;
    client->start += (size_t)sent;
    client->progress_ms = now_ms();
  }
  client->start = client->end = 0;
}

static void keep_unsent(struct client *client, const char *bytes, size_t length) {
  if (client->unsent == NULL) {
    char *mapped = mmap(NULL, CLIENT_BUFFER_LAST, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) return lose(client);
    client->unsent = mapped;
  }
  if (client->start > 0) {
    memmove(client->unsent, client->unsent + client->start, client->end - client->start);
    client->end -= client->start;
    client->start = 0;
  }
  if (length > CLIENT_BUFFER_LAST - client->end) return lose(client);
  memcpy(client->unsent + client->end, bytes, length);
  client->end += length;
}

static void send_frame(struct client *client, uint8_t type, const char *payload, size_t length) {
  char header[HEADER] = {(char)type, 0, 0, 0, (char)length, (char)(length >> 8), (char)(length >> 16), 0};
  size_t sent = 0;
  if (client->gone) return;
  if (client->end == 0) {
    struct iovec pieces[2] = {{header, HEADER}, {(void *)payload, length}};
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 2};
    ssize_t result = sendmsg(client->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (result < 0 && errno != EAGAIN && errno != EINTR) return lose(client);
    if (result > 0) sent = (size_t)result;
    client->progress_ms = now_ms();
  }
  if (sent < HEADER) keep_unsent(client, header + sent, HEADER - sent);
  if (client->gone || sent == HEADER + length) return;
  size_t skip = sent > HEADER ? sent - HEADER : 0;
  keep_unsent(client, payload + skip, length - skip);
}

/* How many bytes of this stream every client that wants them can take now. */
size_t attach_room(enum stream stream) {
  size_t room = READ_MAX;
  for (struct client *client = clients; client < clients + CLIENTS_MAX; client++) {
    if ((client->wants & stream) == 0) continue;
    size_t most = dying ? CLIENT_BUFFER_LAST - RECORD_MAX - HEADER : CLIENT_BUFFER;
    size_t used = client->end - client->start + HEADER;
    size_t free = used < most ? most - used : 0;
    if (free < ROOM_MIN) return 0;
    if (free < room) room = free;
  }
  return room;
}

void attach_output(enum stream stream, const char *bytes, size_t length) {
  for (struct client *client = clients; client < clients + CLIENTS_MAX; client++)
    if (client->wants & stream) send_frame(client, (uint8_t)stream, bytes, length);
}

/* --- from the client --- */

/* Whether a frame's header is one a client may send, with the length that belongs to it. */
static bool acceptable(const struct client *client, uint8_t type, size_t length) {
  const uint8_t *header = client->header;
  if (header[1] != 0 || header[2] != 0 || header[3] != 0) return false;
  switch (type) {
    case HELLO: return length == 1;
    case STDIN_DATA: return length <= FRAME_MAX && (client->wants & WANTS_STDIN) != 0;
    case RESIZE: return length == 4;
    case STDIN_END:
    case ACKNOWLEDGE: return length == 0;
    default: return false;
  }
}

static void act_on_frame(struct client *client) {
  const uint8_t *payload = client->payload;
  switch (client->header[0]) {
    case HELLO:
      client->wants = client->gone ? payload[0] & WANTS_STDIN : payload[0] & (STDOUT | STDERR | WANTS_STDIN);
      send_frame(client, ATTACHED, "", 0);
      break;
    case STDIN_END:
      if ((client->wants & WANTS_STDIN) != 0 && options.stdin_once) stdin_end();
      break;
    case RESIZE: {
      struct winsize size = {.ws_row = (uint16_t)(payload[0] | payload[1] << 8), .ws_col = (uint16_t)(payload[2] | payload[3] << 8)};
      if (options.pty >= 0) ioctl(options.pty, TIOCSWINSZ, &size);
      break;
    }
    case ACKNOWLEDGE:
      if (client->primary && exit_record != NULL) client->taken = acknowledged = true;
      break;
  }
}

/* The place for the next bytes of this client, and how many; 0 while its data for stdin has to wait. */
static size_t reading_place(struct client *client, char **place) {
  if (client->header_got < HEADER) {
    *place = (char *)client->header + client->header_got;
    return HEADER - client->header_got;
  }
  if (client->header[0] != STDIN_DATA) {
    size_t length = client->header[4]; /* at most 4, see acceptable() */
    *place = (char *)client->payload + (length - client->payload_left);
    return client->payload_left;
  }
  size_t room = stdin_room(place);
  if (*place == NULL) *place = discarded, room = sizeof discarded;
  return client->payload_left < room ? client->payload_left : room;
}

/* Takes `got` bytes that were read into reading_place; false for a malformed frame. */
static bool take(struct client *client, size_t got, const char *place) {
  if (client->header_got < HEADER) {
    const uint8_t *header = client->header;
    client->header_got += got;
    if (client->header_got < HEADER) return true;
    client->payload_left = (size_t)header[4] | (size_t)header[5] << 8 | (size_t)header[6] << 16 | (size_t)header[7] << 24;
    if (!acceptable(client, header[0], client->payload_left)) return false;
  } else {
    client->payload_left -= got;
    if (client->header[0] == STDIN_DATA && place != discarded) stdin_filled(got);
  }
  if (client->payload_left > 0) return true;
  act_on_frame(client);
  client->header_got = 0;
  return true;
}

static bool waits_for_stdin(struct client *client) {
  char *place;
  return client->header_got == HEADER && reading_place(client, &place) == 0;
}

static void read_client(struct client *client) {
  for (int turns = 0; turns < 32; turns++) {
    char *place;
    size_t room = reading_place(client, &place);
    if (room == 0) return;
    ssize_t got = recv(client->fd, place, room, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got < 0) return drop(client);
    if (got == 0) { /* the end of what it sends: for a half-closed connection just the end of its stdin */
      client->eof = true;
      if (client->primary && options.stdin_once) stdin_end();
      return;
    }
    if (!take(client, (size_t)got, place)) return drop(client);
  }
}

/* --- the poll loop's side --- */

static void add_client(int fd, bool primary) {
  for (struct client *client = clients; client < clients + CLIENTS_MAX; client++) {
    if (client->fd >= 0) continue;
    client->fd = fd;
    client->primary = primary;
    client->wants = primary ? STDOUT | STDERR | WANTS_STDIN : 0;
    client->progress_ms = now_ms();
    if (exit_record != NULL) send_frame(client, EXITED, exit_record, exit_record_length);
    return;
  }
  close(fd); /* one too many: it sees the end of the stream at once */
}

void attach_begin(void) {
  for (size_t i = 0; i < CLIENTS_MAX; i++) clients[i].fd = -1;
  if (options.client >= 0) add_client(options.client, true);
}

/* Fills at most CLIENTS_MAX + 1 entries: the listening socket, then one for each place; fd -1 where there is nothing to wait for. */
size_t attach_poll(struct pollfd *entries) {
  bool accepting = options.listen >= 0 && now_ms() >= accept_again_ms;
  entries[0] = (struct pollfd){.fd = accepting ? options.listen : -1, .events = POLLIN};
  size_t used = 0;
  for (size_t i = 0; i < CLIENTS_MAX; i++) {
    struct client *client = &clients[i];
    bool waiting = client->fd >= 0 && waits_for_stdin(client);
    short events = (short)((client->eof || waiting ? 0 : POLLIN) | (client->end > 0 ? POLLOUT : 0));
    /* A vanished client that waits for stdin would report POLLHUP for ever. */
    bool silent = client->fd < 0 || (client->gone && waiting);
    entries[i + 1] = (struct pollfd){.fd = silent ? -1 : client->fd, .events = events};
    if (client->fd >= 0) used = i + 1;
  }
  return used + 1;
}

static void act_on_client(struct client *client, short events) {
  if (events & POLLOUT) send_unsent(client);
  if (events & POLLIN) read_client(client);
  if (client->fd < 0 || (events & (POLLHUP | POLLERR)) == 0) return;
  if (waits_for_stdin(client)) lose(client);
  else if (client->eof || (events & POLLIN) == 0) drop(client);
}

static void accept_client(void) {
  int fd = accept4(options.listen, NULL, NULL, SOCK_CLOEXEC);
  if (fd >= 0) add_client(fd, false);
  else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) accept_again_ms = now_ms() + 1000;
}

void attach_act(const struct pollfd *entries, size_t count) {
  for (size_t i = 1; i < count; i++)
    if (entries[i].revents != 0) act_on_client(&clients[i - 1], entries[i].revents);
  if (entries[0].revents != 0) accept_client();
}

/* --- the end --- */

void attach_child_died(void) { dying = true; }

void attach_exited(const char *record, size_t length) {
  exit_record = record;
  exit_record_length = length;
  for (struct client *client = clients; client < clients + CLIENTS_MAX; client++) {
    if (client->fd < 0) continue;
    send_frame(client, EXITED, record, length);
    client->progress_ms = now_ms();
  }
}

/*
 * Whether this client needs nothing more, or has had FAREWELL_MS without progress. The primary client's time begins when it has
 * read everything: as long as it is connected it may take its output as slowly as it likes (a pager).
 */
static bool served(struct client *client, int64_t now) {
  int unread = 0; /* bytes that wait in the socket, unix(7) SIOCOUTQ */
  if (client->gone || client->taken || (client->eof && client->end == 0)) return true;
  if (now - client->progress_ms < FAREWELL_MS) return false;
  if (!client->primary || (client->end == 0 && (ioctl(client->fd, TIOCOUTQ, &unread) < 0 || unread == 0))) return true;
  client->progress_ms = now;
  return false;
}

bool attach_farewell_over(void) {
  bool over = true;
  int64_t now = now_ms();
  for (struct client *client = clients; client < clients + CLIENTS_MAX; client++) {
    if (client->fd < 0) continue;
    /* Closing with stdin unread would give the client ECONNRESET, before it has read everything: so it closes first. */
    if (!client->primary && client->end == 0) shutdown(client->fd, SHUT_WR);
    if (served(client, now)) drop(client);
    else over = false;
  }
  return over;
}

bool attach_acknowledged(void) { return acknowledged; }

/* When something is due without an event, -1 for never. */
int64_t attach_deadline_ms(void) {
  int64_t deadline = accept_again_ms > now_ms() ? accept_again_ms : -1;
  if (exit_record == NULL) return deadline;
  for (struct client *client = clients; client < clients + CLIENTS_MAX; client++) {
    if (client->fd < 0) continue;
    int64_t due = client->progress_ms + FAREWELL_MS;
    if (deadline < 0 || due < deadline) deadline = due;
  }
  return deadline;
}

void attach_trim(void) {
  for (struct client *client = clients; client < clients + CLIENTS_MAX; client++)
    if (client->end == 0) release_buffer(client);
}
