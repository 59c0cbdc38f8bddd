/* Reading an encoded plan: every length and number is checked here, once, before anything is performed. */
#include <string.h>
#include <sys/mman.h>
#include <errno.h>

#include "stage.h"

#define MAGIC 0x50594c47u
#define VERSION 1

uint16_t peek16(const unsigned char *at) {
  uint16_t value;
  memcpy(&value, at, sizeof value);
  return value;
}

uint32_t peek32(const unsigned char *at) {
  uint32_t value;
  memcpy(&value, at, sizeof value);
  return value;
}

uint64_t peek64(const unsigned char *at) {
  uint64_t value;
  memcpy(&value, at, sizeof value);
  return value;
}

struct cursor {
  const unsigned char *at, *end;
  bool bad;
};

static const unsigned char *take(struct cursor *cursor, size_t length) {
  static const unsigned char nothing[8];
  if (cursor->bad || (size_t)(cursor->end - cursor->at) < length) {
    cursor->bad = true;
    return length <= sizeof nothing ? nothing : NULL;
  }
  const unsigned char *at = cursor->at;
  cursor->at += length;
  return at;
}

static uint32_t take32(struct cursor *cursor) { return peek32(take(cursor, 4)); }

static uint16_t take_number(struct cursor *cursor, uint32_t below, bool optional) {
  uint16_t number = peek16(take(cursor, 2));
  if (number >= below && !(optional && number == NONE)) cursor->bad = true;
  return number;
}

static struct text take_text(struct cursor *cursor, bool terminated) {
  struct text text = {.length = take32(cursor)};
  text.bytes = (const char *)take(cursor, (size_t)text.length + (terminated ? 1 : 0));
  if (cursor->bad) return (struct text){"", 0};
  if (terminated && (text.bytes[text.length] != 0 || memchr(text.bytes, 0, text.length))) cursor->bad = true;
  return text;
}

static struct list take_list(struct cursor *cursor, char kind) {
  struct list list = {.count = take32(cursor)};
  list.bytes = cursor->at;
  for (uint32_t i = 0; i < list.count && !cursor->bad; i++) {
    if (kind == 'T') take_text(cursor, true);
    else if (kind == 'N') take32(cursor);
    else {
      take_number(cursor, stage.slot_count, false);
      if (peek16(take(cursor, 2)) >= FIRST_OWN) cursor->bad = true;
    }
  }
  return list;
}

static union argument take_argument(struct cursor *cursor, char kind) {
  switch (kind) {
    case 's': case 'o': return (union argument){.number = take_number(cursor, stage.slot_count, false)};
    case 'S': case 'O': return (union argument){.number = take_number(cursor, stage.slot_count, true)};
    case 'm': return (union argument){.number = take_number(cursor, stage.mark_count, false)};
    case 'l': return (union argument){.number = take_number(cursor, stage.lane_count, false)};
    case '4': case 'f': return (union argument){.u32 = take32(cursor)};
    case '8': return (union argument){.u64 = peek64(take(cursor, 8))};
    case 't': case 'p': return (union argument){.text = take_text(cursor, true)};
    case 'b': return (union argument){.text = take_text(cursor, false)};
    default: return (union argument){.list = take_list(cursor, kind)};
  }
}

static const char *kinds_of(uint16_t op) {
  switch (op) {
#define KINDS(number, name, kinds, handler) case number: return kinds;
    OPERATIONS(KINDS)
#undef KINDS
    default: return NULL;
  }
}

/* Decodes one step; returns the bytes it took, 0 when it is malformed. */
size_t decode_step(const unsigned char *at, size_t left, struct step *step) {
  if (left < 8) return 0;
  *step = (struct step){.op = peek16(at), .ok_count = peek16(at + 2), .ok = at + 8};
  size_t length = peek32(at + 4), total = length + 8;
  const char *kinds = kinds_of(step->op);
  if (!kinds || length > left - 8 || (size_t)step->ok_count * 2 > length) return 0;
  struct cursor cursor = {at + 8 + (size_t)step->ok_count * 2, at + total, false};
  for (int i = 0; kinds[i]; i++) step->args[i] = take_argument(&cursor, kinds[i]);
  return cursor.bad || cursor.at != cursor.end ? 0 : total;
}

/* The next string of a list that was decoded. */
const char *next_string(struct list *list) {
  const char *string = (const char *)list->bytes + 4;
  list->bytes += 4 + (size_t)peek32(list->bytes) + 1;
  list->count--;
  return string;
}

/* Walks a lane's steps once: all are well formed, and each lane has one parent. */
static void check_lane(uint16_t number) {
  struct lane *lane = &stage.lanes[number];
  struct step step;
  size_t at = 0;
  for (uint32_t i = 0; i < lane->count; i++) {
    size_t taken = decode_step(lane->steps + at, lane->length - at, &step);
    if (!taken) broken("malformed step");
    at += taken;
    if (step.op != OP_CLONE) continue;
    struct lane *child = &stage.lanes[step.args[ARG_CLONE_LANE].number];
    if (step.args[ARG_CLONE_LANE].number <= number || child->parent >= 0) broken("malformed lane tree");
    child->parent = number;
  }
  if (at != lane->length) broken("malformed lane");
}

static void load_marks(struct cursor *cursor) {
  for (uint16_t i = 0; i < stage.mark_count; i++) {
    struct mark *mark = &stage.marks[i];
    mark->teller = take_number(cursor, stage.lane_count, true);
    mark->awaiter = take_number(cursor, stage.lane_count, true);
    mark->tell = mark->await = ABSENT;
  }
}

void load_plan(void) {
  unsigned char head[16];
  control_read(head, sizeof head);
  uint32_t length = peek32(head + 12);
  stage.lane_count = peek16(head + 6);
  stage.slot_count = peek16(head + 8);
  stage.mark_count = peek16(head + 10);
  if (peek32(head) != MAGIC || peek16(head + 4) != VERSION) broken("not a plan of this version");
  if (length > MAX_PLAN_BYTES || !stage.lane_count || stage.lane_count > MAX_LANES || stage.slot_count > MAX_SLOTS ||
      stage.mark_count > MAX_MARKS)
    broken("plan over its limits");
  unsigned char *body = mmap(NULL, (size_t)length + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (body == MAP_FAILED) fail(errno);
  control_read(body, length);
  struct cursor cursor = {body, body + length, false};
  load_marks(&cursor);
  for (uint16_t i = 0; i < stage.slot_count; i++) stage.slots[i] = ABSENT;
  for (uint16_t i = 0; i < stage.lane_count; i++) {
    struct lane *lane = &stage.lanes[i];
    lane->count = take32(&cursor);
    lane->length = take32(&cursor);
    lane->steps = take(&cursor, lane->length);
    lane->parent = -1;
    lane->executed = ABSENT;
    if (cursor.bad) broken("truncated plan");
  }
  if (cursor.at != cursor.end) broken("plan with a tail");
  for (uint16_t i = 0; i < stage.lane_count; i++) check_lane(i);
}
