/* Talk: the conversation about a concern, from when it was told.
 *
 *     told: to the rep, in private -> answered, or not -> the manager's turn, if it is still so
 *
 * The turn comes after some working time, so that there is a plan by then; at once when less than twice that
 * remains, or when the goal is out of reach at the rate of the rep's best days in a row. Without a manager it
 * is the operators'. A team's concern is told to its manager: there is no turn.
 *
 * An answer is an event of the rep's. It does not change when the turn comes; it travels along. */
#ifndef PL_CORE_TALK_H
#define PL_CORE_TALK_H

#include "core/subject.h"

enum { PL_ANSWER_MAX = 1024 /* bytes, of each of its texts */, PL_BEST_DAYS = 5 };

struct pl_talk {
  /* recorded */
  pl_wall told;
  int64_t offset; /* of the log's last record by then: an answer stands behind it, whatever a replay brings */
  pl_wall last;   /* the last time that the rep was told... */
  uint32_t repeats;    /* ...so often again */
  char *manager;       /* who was told at the turn; "": operators; NULL: nobody yet */
  pl_wall answered;    /* PL_NEVER: not yet */
  char *reason, *plan; /* of the answer, in the rep's words; "" */
  /* derived */
  pl_wall turn, repeat; /* PL_NEVER: not by itself */
  int32_t best_day;     /* the day for which `best` is; INT32_MIN: it is to be found anew */
  double best; /* the most there was in five working days in a row, by working second; NAN: unknown */
};

pl_talk *pl_talk_new(pl_wall told, int64_t offset);
void pl_talk_free(pl_talk **talk);

/* Of a rep who is behind: who hears at the turn (a manager's id; "": operators), and the rate of the best
 * days, kept in the talk once there is one. */
const char *pl_talk_manager(const pl_subject *subject);
double pl_talk_best(const pl_subject *subject, const pl_goal *goal);
void pl_talk_forget(pl_goal *goal); /* a day that is over, or the calendar, has changed */
/* Arms the turn and the repetition. */
void pl_talk_arm(pl_goal *goal, const pl_judge *who);

/* The answer to a concern that is open; PL_NO_ALERT: there is none with that id. */
pl_reason pl_talk_hear(pl_subject *subject, const pl_answer_word *answer, int64_t offset, pl_wall at);

#endif
