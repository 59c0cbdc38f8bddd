/* The loop: decode a step, perform it, and stop at the first failure that is not said to be fine. */
#include <errno.h>
#include <unistd.h>

#include "stage.h"

int get_slot(uint16_t number) { return number == NONE ? ABSENT : stage.slots[number]; }

/* Fills a slot; what was in it is closed. A handler ends with this, so a negative descriptor passes through as its failure. */
int fill_slot(uint16_t number, int fd) {
  if (fd < 0) return -1;
  if (number == NONE) return close(fd);
  empty_slot(number);
  stage.slots[number] = fd;
  return 0;
}

void empty_slot(uint16_t number) {
  if (number == NONE || stage.slots[number] == ABSENT) return;
  forget_parent_in(stage.slots[number]); /* the descriptor's number will be another's */
  close(stage.slots[number]);
  stage.slots[number] = ABSENT;
}

/* Dataflow, not a branch: a step whose slot stayed absent has nothing to work on; a mark tells that it is absent. */
static bool is_absent(const struct step *step, const char *kinds) {
  for (int i = 0; kinds[i] && step->op != OP_TELL; i++)
    if ((kinds[i] == 's' || kinds[i] == 'S') && step->args[i].number != NONE && stage.slots[step->args[i].number] == ABSENT)
      return true;
  return false;
}

/* What a failed step should have filled is absent, also when something was there before. */
static int empty_outs(const struct step *step, const char *kinds) {
  int error = errno;
  for (int i = 0; kinds[i]; i++)
    if (kinds[i] == 'o' || kinds[i] == 'O') empty_slot(step->args[i].number);
  return errno = error, -1;
}

static int dispatch(struct step *step) {
  switch (step->op) {
#define DISPATCH(number, name, kinds, handler) \
  case number: \
    if (is_absent(step, kinds)) return 0; \
    return handler(step->args) < 0 ? empty_outs(step, kinds) : 0;
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
void perform_step(struct step *step) {
  stage.op = step->op;
  stage.hint[0] = 0;
  if (dispatch(step) < 0 && !is_fine(step, errno)) fail(errno);
}

_Noreturn void perform_lane(uint16_t number) {
  struct lane *lane = &stage.lanes[number];
  struct step step;
  size_t at = 0;
  stage.lane = number;
  for (uint32_t i = 0; i < lane->count; i++) {
    stage.step = i;
    stage.streamed = false;
    at += decode_step(lane->steps + at, lane->length - at, &step);
    perform_step(&step);
  }
  _exit(0);
}

int do_receive(union argument *args) {
  (void)args;
  static unsigned char buffer[MAX_STEP_BYTES];
  static uint32_t count; /* of all streamed steps so far */
  struct step step;
  for (;; count++) {
    control_read(buffer, 8);
    size_t length = peek32(buffer + 4);
    if (!peek16(buffer) && !length) return 0;
    stage.streamed = true;
    stage.step = count;
    if (length > sizeof buffer - 8) broken("streamed step over its limit");
    control_read(buffer + 8, length);
    if (decode_step(buffer, length + 8, &step) != length + 8) broken("malformed streamed step");
    if (step.op == OP_CLONE || step.op == OP_RECEIVE) broken("a step that cannot be streamed");
    perform_step(&step);
  }
}
