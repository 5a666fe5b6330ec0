/* Goal: one target being judged, period after period.
 *
 * A goal holds what was agreed, the little state that must survive (which period, is it behind, was it told),
 * and what follows from both (the period's instants, the size of an event, the armed deadline). Judging takes
 * an instant and what is known by then and returns what to tell; nothing happens between two judgements, so a
 * deadline says when the next one is due:
 *
 *     judged behind   -> pending, due after `for` working time
 *     pending, healed -> cancelled
 *     pending, due    -> told
 *     told, left      -> recovered
 *     period end      -> goal_met or goal_missed, and the next period opens
 *
 * The chance to reach a target falls while nothing happens, so behind begins by time, known in advance, and
 * is left at events. Where less is better it is the other way round: the chance to stay within the target
 * rises, behind begins at events and is left by time; and what the period's end decides there, being met, is
 * missed here at once.
 *
 * A milestone is a goal of its own, `<goal>@<milestone>`, of the same period, whose time is over before the
 * period's: it ends at `upto`, says how, and waits for the next period.
 */
#ifndef PL_CORE_GOAL_H
#define PL_CORE_GOAL_H

#include "core/alert.h"

typedef enum { PL_STEP_NONE, PL_STEP_PENDING, PL_STEP_TOLD } pl_step;
/* How a milestone ended; SKIPPED: before anybody asked for it. */
typedef enum { PL_ENDED_NOT, PL_ENDED_REACHED, PL_ENDED_MISSED, PL_ENDED_SKIPPED, PL_ENDS } pl_ended;

typedef struct {
  /* what an event asks for, in one line of memory */
  int metric;
  pl_unit period;
  int64_t target; /* scaled; > 0, lower: >= 0 */
  pl_wall next;   /* derived: the armed deadline */
  int32_t index;  /* recorded: the period that is judged... */
  bool open;      /* ...recorded: if there is one */
  bool settled;   /* recorded: goal_met (lower: goal_missed) was told */
  bool lower;     /* less is better */
  pl_step step;   /* recorded; not NONE: it is behind */
  uint32_t seq;   /* recorded: how often it was judged behind in this period, and changed */
  pl_wall since;  /* recorded: judged behind at */
  pl_ended ended; /* recorded: of a milestone */
  /* derived */
  int64_t start, end; /* the period, seconds */
  int64_t upto;       /* where it is decided: the period's end, the milestone's time */
  int64_t work;       /* working seconds until then; 0: paused */
  int64_t whole;      /* working seconds of the period */
  double phi, each; /* size of one independent event (held below what is to be reached), of an average one */
  pl_wall due;      /* step PENDING: when it is told */
  int64_t judged;   /* judged_at as it was armed, seconds; INT64_MAX: never */
  /* what was agreed */
  char *name, *plan, *parent; /* owned */
  pl_line *line;              /* owned; NULL: straight */
  size_t base;                /* a milestone: the length of its goal's name within its own; else 0 */
  pl_milestone milestone;
  pl_goal_owner owner;
  pl_goal_status status;
  uint64_t version; /* hash of all that was agreed but the plan */
} pl_goal;

/* What a judgement needs to know of the subject. */
typedef struct {
  const pl_policy *policy;
  pl_workcal *cal;
  bool is_team;
  pl_str id;
  const char *concern_to; /* the manager of a team goal; unused for a rep */
  const char *team;       /* where recognition goes; "": to the rep only */
  int64_t actual;         /* of the goal's metric in its period */
  pl_wall hold;           /* an earlier milestone is open until then: behind waits; PL_BEGINNING: none is */
  bool unknown;           /* the counters have gone on by periods: nothing can be said of this one */
  pl_alert **told;        /* list to put alerts on */
  int64_t *cancelled;     /* counter */
} pl_judge;

/* `milestone`: one of the fact's; NULL: the goal itself. */
bool pl_goal_same(const pl_goal *goal, const pl_goal_fact *fact, const pl_milestone *milestone,
                  const pl_policy *policy);
/* REJECT: the metric is unknown, a ratio, or has no window of that period; the target is not a positive
 * number (where less is better, not a number from 0 on); the line is none; the milestone is none. */
pl_status pl_goal_init(pl_goal *goal, const pl_goal_fact *fact, const pl_milestone *milestone,
                       const pl_policy *policy, pl_err *err) PL_MUST_CHECK;
void pl_goal_fini(pl_goal *goal);

/* Opens the period that `clock` lies in, unless one is open; derives what follows from it. */
void pl_goal_open(pl_goal *goal, const pl_judge *who, pl_wall clock);
/* The size of an event, as the history before today says. */
void pl_goal_learn(pl_goal *goal, pl_burst burst);
/* Nothing but a correction changes how it ends: it is reached (lower: exceeded). */
static inline bool pl_goal_decided(const pl_goal *goal, int64_t actual) {
  return goal->lower ? actual > goal->target : actual >= goal->target;
}
/* What stands at t, because of an event, or by time: everything up to t is known. */
void pl_goal_judge(pl_goal *goal, const pl_judge *who, pl_wall t, bool by_time);
/* Arms the deadline anew: after a roll, a late or negative event, a change of facts. */
void pl_goal_arm(pl_goal *goal, const pl_judge *who, pl_wall t);
/* At the period's end: tells how it ended, closes what is open. The next pl_goal_open opens the next period.
 */
void pl_goal_close(pl_goal *goal, const pl_judge *who);
/* The goal goes away or changes: closes an open alert. */
void pl_goal_withdraw(pl_goal *goal, const pl_judge *who, pl_wall t);

/* `all`: also those that cost a search: chance, projected, judged_at. */
pl_figures pl_goal_figures(const pl_goal *goal, const pl_judge *who, pl_wall t, bool all);
void pl_goal_check(const pl_goal *goal); /* asserts the invariants */

#endif
