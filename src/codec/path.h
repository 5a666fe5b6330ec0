/* Path: where a value stands in a record, as mappings write it and plans follow it.
 *
 *   deal.amount                 down records, JSON objects and maps (by key)
 *   splits[0].owner             one item of an array; the first is 0
 *   splits[].owner, tags[]      each item
 *   properties."odd.name"       in double quotes a name may have any character but these
 *
 * It begins at the record, or at its items if the record is an array: "[].id". Names are compared byte by
 * byte. */
#ifndef PL_CODEC_PATH_H
#define PL_CODEC_PATH_H

#include "base/text.h"

enum {
  PL_STEPS_MAX = 32,
  PL_INDEX_MAX = 255 /* the last item of an array that can be named */
};

typedef enum { PL_STEP_NAME, PL_STEP_INDEX, PL_STEP_EACH } pl_step_kind;

typedef struct {
  pl_step_kind kind;
  pl_str name;    /* PL_STEP_NAME: borrowed from the path */
  uint32_t index; /* PL_STEP_INDEX */
} pl_step;

/* PL_REJECT with a text that shows the path, and where it is wrong. */
pl_status pl_path_check(const char *path, pl_err *err) PL_MUST_CHECK;
/* The first step of what is left of a path that pl_path_check() accepts, and `path` moved behind it; an empty
 * path has no more. */
pl_step pl_path_step(const char **path);
bool pl_path_lists(const char *path); /* has it an [] ? */

/* A path, or what is left of it below some place, and the slot that its value is for. */
typedef struct {
  const char *rest; /* "": the value itself */
  uint8_t slot;
} pl_tail;

/* Those whose first step is `like`, and what is left of each behind it; how many. */
size_t pl_tails_follow(const pl_tail *tails, size_t n, const pl_step *like, pl_tail *out);
/* The items that are named by their number: one more than the highest, or 0. */
size_t pl_tails_items(const pl_tail *tails, size_t n);

#endif
