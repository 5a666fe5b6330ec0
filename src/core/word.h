/* Word: what an event says about a goal: proposed, agreed, paused, resumed.
 *
 * Words are laid over the goals of the record as versions of their own, each from the local day on which it
 * was said. Where both have a version from the same day the record's stands; otherwise the newer holds, as of
 * any two versions. A proposal for a goal that is there waits until it is agreed to; one for a new goal is
 * shown, and not judged until then. Words are part of a rep's state. */
#ifndef PL_CORE_WORD_H
#define PL_CORE_WORD_H

#include "paceline/core.h"

enum { PL_WORDS_MAX = 64 /* a rep's; those that others have overtaken make room */, PL_WORD_PLAN_MAX = 1024 };

typedef struct {
  char *name, *metric, *plan; /* owned; metric "": as before */
  pl_unit period;             /* set with `metric` */
  double target;              /* in the metric's unit; NAN: as before */
  pl_goal_owner owner;
  pl_goal_status status; /* PROPOSED: it waits */
  bool owned;            /* `owner` says something */
  int32_t from;
} pl_word;

typedef struct {
  pl_word *items; /* ascending by `from` */
  size_t n;
  uint32_t said; /* ever, so that what is told of each has an id of its own */
} pl_words;

void pl_words_fini(pl_words *words);
/* One in its place; its texts are copied. */
void pl_words_put(pl_words *words, const pl_word *word);
const pl_word *pl_words_open(const pl_words *words, pl_str name); /* the proposal that waits; NULL: none */

/* An event's word: PL_APPLIED, and what follows is in force, or why not. */
pl_reason pl_word_hear(pl_subject *subject, const pl_event *event, pl_wall at);
/* The facts with the words laid over them into `out`, which has room for all; returns how many. */
size_t pl_words_over(const pl_subject *subject, const pl_goal_fact *facts, size_t n, pl_goal_fact *out);

#endif
