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
 *     told, its turn  -> the manager is told, too
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
 *
 * What was agreed holds from a local midnight on, for days: one goal has as many pl_goals as versions, and
 * one of them is in force. A version that comes into force within a period is judged from there on: `before`,
 * what was counted until that midnight, and `gone`, the working time, are taken off both sides of every
 * formula.
 */
#ifndef PL_CORE_GOAL_H
#define PL_CORE_GOAL_H

#include "core/alert.h"

typedef enum { PL_STEP_NONE, PL_STEP_PENDING, PL_STEP_TOLD, PL_STEP_TURNED, PL_STEPS } pl_step;
typedef struct pl_talk pl_talk; /* talk.h */
/* How a milestone ended; SKIPPED: before anybody asked for it. */
typedef enum { PL_ENDED_NOT, PL_ENDED_REACHED, PL_ENDED_MISSED, PL_ENDED_SKIPPED, PL_ENDS } pl_ended;

/* What is to be known of a goal at an event. Mostly that is all: the goal itself need not come near. */
typedef struct {
  int64_t most;  /* so much may be counted, and nothing comes of it but a deadline armed too early... */
  int32_t index; /* ...in this period... */
  uint8_t metric, unit; /* ...of this metric */
  bool asks;            /* no such thing is known: it is judged at each event */
} pl_lull;

typedef struct {
  int metric;
  pl_unit period;
  int32_t index;    /* recorded: the period that is judged... */
  bool open;        /* ...recorded: if there is one */
  bool settled;     /* recorded: goal_met (lower: goal_missed) was told */
  bool lower;       /* less is better */
  bool gap_told;    /* recorded: of a team's goal */
  bool stone;       /* a milestone */
  bool gauge;       /* a ratio, a mean or a last: goal_inside.h */
  bool moved;       /* derived: calendar or time off has changed what it is judged by */
  bool in_force;    /* derived from today: it is judged and shown */
  bool keeps;       /* time off leaves the target as it is */
  bool said;        /* by words (word.h), not by the record */
  uint16_t base;    /* a milestone: the length of its goal's name within its own; else 0 */
  int64_t target;   /* derived: what is asked for, scaled, time off taken into account; > 0, lower: >= 0 */
  pl_wall next;     /* derived: the armed deadline */
  int64_t stays;    /* derived: behind until more than that is counted; INT64_MIN: not known */
  uint64_t sources; /* bit per metric: whose events it waits for */
  pl_step step;     /* recorded; not NONE: it is behind; TURNED: the manager was told, too */
  uint32_t seq;     /* recorded: how often it was judged behind in this period, and changed */
  pl_wall since;    /* recorded: judged behind at */
  int64_t freed;    /* recorded: when the concern that kept it from being told ended, ms; 0: none did */
  pl_wall due;      /* step PENDING: when it is told */
  pl_talk *talk;    /* owned; step TOLD and TURNED: what was said */
  char *heard;      /* owned, recorded; settled and lower: the manager who was told, too; NULL: none was */
  int64_t judged;   /* judged_at as it was armed, seconds; INT64_MAX: never... */
  int64_t armed;    /* ...and what was counted then */
  int64_t beyond;   /* recorded: of a milestone, what was counted of events after its time, before... */
  pl_ended ended;   /* ...it was decided; recorded */
  int32_t anchor;   /* recorded: the local day of the period from whose midnight on it is judged */
  int64_t before;   /* recorded: what was counted in the period before that */
  /* derived */
  int64_t start, end;  /* the period, seconds */
  int64_t upto;        /* where it is decided: the period's end, the milestone's time */
  double from_l, to_l; /* the line's share at the anchor and at `upto`; a straight one's are not asked for */
  int64_t agreed;      /* the target but for time off */
  double aim; /* of the formulas: target - before, or what time off leaves of it before it is made whole */
  double phi, each; /* size of one independent event (held below what is to be reached), of an average one */
  int32_t work;     /* working seconds until `upto`... */
  int32_t gone;     /* ...of which those before the anchor are not its own; all of them: paused */
  int32_t whole;    /* working seconds of the period */
  /* what was agreed */
  int32_t place;              /* its place in the fact */
  char *name, *plan, *parent; /* owned */
  pl_line *line;              /* owned; NULL: straight */
  pl_milestone milestone;
  int64_t asked; /* scaled: the period's target, a milestone's amount */
  pl_goal_owner owner;
  pl_goal_status status;
  int32_t from, until; /* local days [from, until) on which this version holds */
  uint64_t version;    /* hash of all that was agreed but the plan; 0: a recorded one that is there no more */
} pl_goal;

/* What a judgement needs to know of the subject. */
typedef struct {
  const pl_policy *policy;
  pl_workcal *cal;
  bool is_team;
  pl_str id;
  const char *concern_to; /* the manager of a team goal; of a rep's that is told of: who hears at its turn */
  double best;            /* of a rep's that is told of, or is to be: pl_talk_best */
  const char *team;       /* where recognition goes; "": to the rep only */
  int64_t actual;         /* of the goal's metric in its period */
  int64_t num, den;       /* of a gauge: its parts (a last: itself and the number of its events)... */
  int64_t events;         /* ...and how many events it is made of, as far as they are known */
  int64_t offset;         /* of the log's last record: what is told now is answered behind it */
  pl_wall hold;           /* an earlier milestone is open until then: behind waits; PL_BEGINNING: none is;
                             PL_NEVER: while a leading metric's concern is open */
  bool correction;        /* what moved it was there before it was judged, or takes back what was counted */
  double gap;             /* of a team's goal: its members' less its own; NAN: none has one */
  bool unknown;           /* the counters have gone on by periods: nothing can be said of this one */
  pl_alert **told;        /* list to put alerts on */
  int64_t *cancelled;     /* counter */
  int64_t *inhibited;     /* counter */
} pl_judge;

/* `milestone`: one of the fact's; NULL: the goal itself. */
bool pl_goal_same(const pl_goal *goal, const pl_goal_fact *fact, const pl_milestone *milestone,
                  const pl_policy *policy);
/* REJECT: the metric is unknown, or has no window of that period; the target is not a positive
 * number (where less is better, not a number from 0 on); the line is none; the milestone is none; a line or a
 * milestone of a gauge. */
pl_status pl_goal_init(pl_goal *goal, const pl_goal_fact *fact, const pl_milestone *milestone,
                       const pl_policy *policy, pl_err *err) PL_MUST_CHECK;
void pl_goal_fini(pl_goal *goal);

/* As before the first period. */
void pl_goal_shut(pl_goal *goal);
static inline bool pl_goal_told(const pl_goal *goal) { return goal->step >= PL_STEP_TOLD; }
/* A goal's name, without its milestone's. */
static inline pl_str pl_goal_stem(const pl_goal *goal) {
  return goal->base ? (pl_str){goal->name, goal->base} : pl_str_of(goal->name);
}
/* A goal that holds no more, as the record names it; only to be withdrawn. */
void pl_goal_init_gone(pl_goal *goal, pl_str name);

/* Opens the period that `clock` lies in, unless one is open: then false. `known_from`: the first day that is
 * still counted by itself; a version of before begins there. Who opens it says what was counted `before`. */
bool pl_goal_open(pl_goal *goal, const pl_judge *who, pl_wall clock, int32_t known_from) PL_MUST_CHECK;
/* What follows from the open period and the calendar. */
void pl_goal_derive(pl_goal *goal, const pl_judge *who);
/* The size of an event, as the history before today says. */
void pl_goal_learn(pl_goal *goal, pl_burst burst);
/* Nothing but a correction changes how it ends: it is reached (lower: exceeded). */
static inline bool pl_goal_decided(const pl_goal *goal, int64_t actual) {
  if (goal->gauge) return false;
  return goal->lower ? actual > goal->target : actual >= goal->target;
}
pl_lull pl_goal_lull(const pl_goal *goal); /* as the goal is now, and until it is judged or armed again */
/* What stands at t, because of an event, or by time: everything up to t is known. */
void pl_goal_judge(pl_goal *goal, const pl_judge *who, pl_wall t, bool by_time);
/* Arms the deadline anew: after a roll, a late or negative event, a change of facts. */
void pl_goal_arm(pl_goal *goal, const pl_judge *who, pl_wall t);
/* A team's goal: its members' do not come to it. */
void pl_goal_tell_gap(const pl_goal *goal, const pl_judge *who, pl_wall t);
/* At the period's end: tells how it ended, closes what is open. The next pl_goal_open opens the next period.
 */
void pl_goal_close(pl_goal *goal, const pl_judge *who);
/* The goal is not in force any more: closes an open alert and the period. */
void pl_goal_withdraw(pl_goal *goal, const pl_judge *who, pl_wall t);

/* `all`: also those that cost a search: chance, projected, judged_at. */
pl_figures pl_goal_figures(const pl_goal *goal, const pl_judge *who, pl_wall t, bool all);
void pl_goal_check(const pl_goal *goal); /* asserts the invariants */

#endif
