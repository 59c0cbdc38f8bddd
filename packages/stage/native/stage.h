/* stage acts: it performs a plan, a tree of straight lines of steps, and decides nothing. */
#ifndef GALLEY_STAGE_H
#define GALLEY_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "operations.h"

#define NONE 0xffff           /* in the encoding: no slot; for marks: the TypeScript side */
#define ABSENT (-1)           /* a slot that nothing fills */
#define CONTROL 3             /* the plan, then marks and streamed steps, come in here */
#define REPORT 4              /* reports go out here */
#define FIRST_OWN 100         /* the numbers below can be given to programs */

struct text {
  const char *bytes; /* always followed by a NUL that `length` does not count */
  uint32_t length;
};

struct list {
  const unsigned char *bytes; /* the encoded items, one after another */
  uint32_t count;
};

/* One decoded argument; which member holds it follows from the operation's kinds. */
union argument {
  uint16_t number; /* slot, out, mark, lane */
  uint32_t u32;    /* also flags */
  uint64_t u64;
  struct text text; /* string, path, bytes */
  struct list list; /* strings, numbers, descriptors */
};

struct step {
  uint16_t op;
  uint16_t ok_count;
  const unsigned char *ok; /* errnos, u16 each, unaligned */
  union argument args[MAX_ARGUMENTS];
};

struct lane {
  const unsigned char *steps;
  uint32_t length, count;
  int parent;        /* the lane that clones it; -1 for the host lane */
  pid_t pid;         /* in the cloning lane: the child */
  int executed;      /* read end: a byte when the lane executes, end of file once it has executed or ended */
};

struct mark {
  uint16_t teller, awaiter;
  int tell, await; /* the two ends of a socket pair; ABSENT where TypeScript is the other side */
};

struct stage {
  struct lane lanes[MAX_LANES];
  struct mark marks[MAX_MARKS];
  int slots[MAX_SLOTS];
  uint16_t lane_count, slot_count, mark_count;
  uint16_t lane;     /* the lane that this process performs */
  uint32_t step;     /* its current step, from 0: in the lane, or of all that were streamed */
  bool streamed;
  uint16_t op;
  char hint[256];    /* what the kernel or a path adds to a failure */
  int report;        /* REPORT, or where it went when a program is given that number */
  int parent;        /* breaks when the parent is gone: the control stream, or the write end of `executed` */
  bool outlives;
};

extern struct stage stage;

/* plan.c */
void load_plan(void);
size_t decode_step(const unsigned char *at, size_t left, struct step *step);
uint16_t peek16(const unsigned char *at);
uint32_t peek32(const unsigned char *at);
uint64_t peek64(const unsigned char *at);
const char *next_string(struct list *list);

/* control.c */
void control_read(void *into, size_t length);

/* report.c */
enum report_kind { REPORT_PID = 1, REPORT_TOLD = 2, REPORT_FAILED = 3, REPORT_CONTENT = 4, REPORT_EXECUTING = 5 };
void report(enum report_kind kind, int error, uint64_t value, struct text text);
void report_content(const char *bytes, size_t length);
_Noreturn void fail(int error);
_Noreturn void broken(const char *what);
int peer_gone(void);
void hint(const char *text);

/* perform.c: every handler returns 0, or -1 with errno */
_Noreturn void perform_lane(uint16_t lane);
void perform_step(struct step *step);
int get_slot(uint16_t number);
int fill_slot(uint16_t number, int fd);
void empty_slot(uint16_t number);

/* path.c */
int open_beneath(uint16_t at, const struct text *path, uint64_t flags, uint64_t mode);
int open_parent(uint16_t at, const struct text *path, const char **name);
void forget_parent(void);
void forget_parent_in(int root);
int check_magic(int fd, long magic);
int rename_to_new(int from, const char *name, int to, const char *fresh);

/* files.c */
int write_once(int fd, const char *bytes, size_t length);

/* remove.c */
int remove_name(int directory, const char *name);

/* lanes.c */
int follow_parent(void);
uint64_t namespace_flags(uint32_t flags);
void hide(void);

#define HANDLER(number, name, kinds, handler) int handler(union argument *args);
OPERATIONS(HANDLER)
#undef HANDLER

#endif
