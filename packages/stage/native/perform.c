/* The loop: decode a step, perform it, and stop at the first failure that is not said to be fine. */
#include <errno.h>
#include <unistd.h>

#include "stage.h"

int get_slot(uint16_t number) { return number == NONE ? ABSENT : stage.slots[number]; }

/* Fills a slot; what was in it is closed. A handler ends with this, so a negative descriptor passes through as its failure. */
int fill_slot(uint16_t number, int fd) {
  if (fd < 0) return -1;
  if (number == NONE) return close(fd);
  if (stage.slots[number] != ABSENT) close(stage.slots[number]);
  stage.slots[number] = fd;
  return 0;
}

/* Dataflow, not a branch: a step whose slot stayed absent has nothing to work on. */
static bool is_absent(const union argument *args, const char *kinds) {
  for (int i = 0; kinds[i]; i++)
    if ((kinds[i] == 's' || kinds[i] == 'S') && args[i].number != NONE && stage.slots[args[i].number] == ABSENT) return true;
  return false;
}

static void empty_outs(const union argument *args, const char *kinds) {
  for (int i = 0; kinds[i]; i++)
    if ((kinds[i] == 'o' || kinds[i] == 'O') && args[i].number != NONE && stage.slots[args[i].number] != ABSENT) {
      close(stage.slots[args[i].number]);
      stage.slots[args[i].number] = ABSENT;
    }
}

static int dispatch(struct step *step) {
  switch (step->op) {
#define DISPATCH(number, name, kinds, handler) \
  case number: \
    if (is_absent(step->args, kinds)) return 0; \
    empty_outs(step->args, kinds); \
    return handler(step->args);
    OPERATIONS(DISPATCH)
#undef DISPATCH
    default: return errno = ENOSYS, -1;
  }
}

static bool is_fine(const struct step *step, int error) {
  for (uint16_t i = 0; i < step->ok_count; i++)
    if (peek16(step->ok + 2 * i) == error) return true;
  return false;
}

/* Performs one step; ends the lane when it fails. */
int perform_step(struct step *step) {
  stage.op = step->op;
  stage.hint[0] = 0;
  if (dispatch(step) < 0 && !is_fine(step, errno)) fail(errno);
  return 0;
}

_Noreturn void perform_lane(uint16_t number) {
  struct lane *lane = &stage.lanes[number];
  struct step step;
  size_t at = 0;
  stage.lane = number;
  for (stage.step = 0; stage.step < lane->count; stage.step++) {
    at += decode_step(lane->steps + at, lane->length - at, &step);
    perform_step(&step);
  }
  _exit(0);
}

int do_receive(union argument *args) {
  (void)args;
  static unsigned char buffer[MAX_STEP_BYTES];
  struct step step;
  for (;;) {
    control_read(buffer, 8);
    size_t length = peek32(buffer + 4);
    if (!peek16(buffer) && !length) return 0;
    if (length > sizeof buffer - 8) broken("streamed step over its limit");
    control_read(buffer + 8, length);
    stage.step++;
    if (decode_step(buffer, length + 8, &step) != length + 8) broken("malformed streamed step");
    perform_step(&step);
  }
}
