/* Naive: what paceline is to do, written down from the design without any thought of speed.
 *
 * It keeps every event that counted, adds everything up anew for each question, and walks through time to
 * find the second at which a goal is judged. Nothing of the core is used but the zone's days and instants and
 * the incomplete beta function, which have tests of their own. */
#ifndef TESTS_CORE_NAIVE_H
#define TESTS_CORE_NAIVE_H

#include "core/world.h"

enum { NAIVE_ALERTS_MAX = 8000 };

typedef struct {
  int64_t at_ms;
  uint64_t id; /* the record whose id it carries */
  int32_t index[PL_UNITS];
  bool fresh; /* of the newest event's day, or of the one before: as far as distinct things are remembered */
  uint8_t held;     /* bit per unit: the rep's newest event was near enough when it came */
  uint16_t metrics; /* bit per metric */
  int64_t amount;   /* of REVENUE and FORECAST */
  int64_t span_s;   /* of SPANS */
  int sign;         /* -1: a retraction */
  const char *team, *account;
} naive_event;

typedef struct {
  const char *rep, *goal;
  pl_alert_kind kind;
  pl_audience audience;
  const char *recipient, *reason;
  pl_unit period;
  int32_t index;
  uint32_t seq;
  int64_t since_ms, at_ms;
  /* of a concern */
  uint32_t nth;
  int64_t turn_ms, upto_ms; /* INT64_MAX: not before the goal's own end */
  int64_t answered_ms;      /* INT64_MAX: not yet */
  const char *answer, *plan;
} naive_alert;

/* Of a concern, from when it was told. */
typedef struct {
  int64_t until_s;  /* the turn, if nothing is urgent; INT64_MAX: then only */
  int64_t wait_s;   /* the working time that a manager waits */
  int64_t again_ms; /* the repetition; INT64_MAX: none */
  uint32_t nth;
  int64_t answered_ms;
  const char *answer, *plan;
} naive_talk;

typedef struct {
  char name[GOAL_NAME_MAX];
  const pl_goal_fact *fact;
  const pl_milestone *stone; /* NULL: the goal itself, before its milestones */
  int ended;                 /* a milestone: 1 it is over, 3 it was when it was asked for; else 0 */
  int64_t upto_s, whole_s;
  int metric;
  int64_t asked, target, before; /* as agreed; less time off; what was there at the anchor */
  double aim;                    /* what is to come after the anchor */
  int32_t until, anchor;         /* local days: it holds until; judged from that midnight on */
  int64_t gone_s;                /* working time before the anchor */
  bool in_force;
  bool open, settled; /* settled: it was told that the target is reached (lower: exceeded) */
  int32_t index;
  int step; /* 0, 1 pending, 2 told, 3 the manager was told, too */
  int64_t since_ms, due_ms, start_s, end_s, work_s;
  uint32_t seq;
  double phi, each; /* phi NAN: to be computed, and the best days */
  double best;      /* in five working days in a row; 0: nobody knows... */
  int64_t best_s;   /* ...and how much time these have; -1: to be computed */
  naive_talk talk;
  const char *above; /* who was told at the turn; "": operators; NULL: nobody */
} naive_goal;

typedef struct {
  bool watched, silent;
  int64_t from_ms, since_ms; /* watched since; silent since */
  uint32_t silences, streak, met, missed;
  int32_t slump[METRICS]; /* the day it was told; 0: never */
  bool slumping[METRICS];
} naive_habit;

typedef struct {
  char id[16];
  const world_rep *facts; /* NULL: not in the roster */
  const pl_zone *zone;
  const pl_calendar_def *calendar;
  naive_event *events;
  size_t n, ngoals;
  int64_t newest_ms;
  int32_t reach[PL_UNITS];
  char (*ids)[24]; /* of all applied events, oldest first */
  size_t nids;
  naive_goal goals[8 * GOALS_EACH];
  int32_t today;
  naive_habit habit;
} naive_rep;

typedef struct {
  const world *w;
  naive_rep reps[REPS_MAX + 4];
  size_t n, unknown;
  int64_t clock_ms, stamp_ms; /* INT64_MIN: not begun */
  int64_t heard_ms[SOURCES];  /* 0: never */
  naive_alert alerts[NAIVE_ALERTS_MAX];
  size_t nalerts;
  int64_t cancelled;
} naive;

void naive_init(naive *model, const world *w);
void naive_fini(naive *model);
pl_reason naive_apply(naive *model, const world_record *record);
void naive_hear(naive *model, const world_beat *beat);
void naive_advance(naive *model, int64_t upto_ms);

int64_t naive_now(const naive *model);
/* The events of a metric with that index, of one rep or (rep NULL) of a team's. */
int64_t naive_at(const naive *model, const naive_rep *rep, const char *team, int metric, pl_unit unit,
                 int32_t index);
/* The same of one rep, of events before an instant only. */
int64_t naive_before(const naive *model, const naive_rep *rep, int metric, pl_unit unit, int32_t index,
                     int64_t before_ms);
bool naive_holds(const naive_rep *rep, int metric, pl_unit unit, int32_t index);
int64_t naive_window(const naive *model, const naive_rep *rep, int metric, pl_window window, bool prev);
int32_t naive_day(const naive_rep *rep, int64_t ms);

/* Between the files: counting (naive.c), working time (naive_work.c), judging (naive_judge.c), that of what
 * goes up and down (naive_gauge.c), what is seen over days (naive_habit.c) and what follows a concern
 * (naive_talk.c). */
const char *naive_team_on(const naive_rep *rep, int32_t day); /* "": none */
void naive_judge_event(naive *model, naive_rep *rep, const naive_event *event);
void naive_turn(naive *model, naive_rep *rep, int64_t at_ms); /* which versions hold today */
void naive_open_all(naive *model, naive_rep *rep);
void naive_pass(naive *model, naive_rep *rep, int64_t from_ms, int64_t upto_ms);
/* Working seconds between two instants; the part of one day's that lies between them; the instant at which so
 * many have passed since `from_s`. */
int64_t naive_work(const naive_rep *rep, int64_t from_s, int64_t to_s);
int64_t naive_work_of_day(const naive_rep *rep, int32_t day, int64_t from_s, int64_t to_s);
int64_t naive_work_after(const naive_rep *rep, int64_t from_s, int64_t work_s);
/* Have so many working days passed? Each counts by its share. */
bool naive_days_passed(const naive_rep *rep, int64_t from_s, int64_t to_s, int32_t n);
int64_t naive_span_edge(const naive_rep *rep, int32_t day,
                        int32_t of_day_s); /* the instant of a time of day */
double naive_phi(const naive *model, const naive_rep *rep, int metric, int32_t today);
void naive_habit_begin(naive_rep *rep, const naive *model);
void naive_habit_event(naive *model, naive_rep *rep, const naive_event *event);
/* Until `upto`, without the midnight in it. */
void naive_habit_walk(naive *model, naive_rep *rep, int64_t from_ms, int64_t upto_ms);
void naive_habit_note(naive_rep *rep, const naive_goal *goal, bool met);
void naive_habit_close(naive *model, naive_rep *rep, int64_t at_ms);
bool naive_judged(const naive_goal *g);
bool naive_time_left(const naive_rep *rep, const naive_goal *g, int64_t at_ms);
naive_alert *naive_tell(naive *model, const naive_rep *rep, const naive_goal *g, pl_alert_kind kind,
                        int64_t since, int64_t at, const char *reason);
/* To who heard at the turn, if it has come. */
naive_alert *naive_tell_above(naive *model, const naive_rep *rep, const naive_goal *g, pl_alert_kind kind,
                              int64_t since, int64_t at, const char *reason);
/* At that instant it is behind no more. */
bool naive_heals(const naive *model, const naive_rep *rep, naive_goal *g, int64_t at_ms);
/* It is told; what comes of that in [from, upto]: false, at *left, when it has healed by then. */
void naive_talk_begin(naive *model, const naive_rep *rep, naive_goal *g, int64_t at_ms);
bool naive_talk_walk(naive *model, const naive_rep *rep, naive_goal *g, int64_t from_ms, int64_t upto_ms,
                     int64_t *left_ms);
pl_reason naive_talk_hear(naive_rep *rep, const world_record *rec, int64_t now_ms);
/* Why a concern is over: was it undone by what was there before, or taken back? */
const char *naive_reason(const naive_goal *g, const naive_event *event);
void naive_leave_for(naive *model, const naive_rep *rep, naive_goal *g, int64_t at, const char *reason);
void naive_leave(naive *model, const naive_rep *rep, naive_goal *g, int64_t at);
void naive_condemn(naive *model, const naive_rep *rep, naive_goal *g, int64_t at);
bool naive_is_gauge(const naive_goal *g);
bool naive_gauge_hears(const naive_goal *g, const naive_event *event);
/* At an event, and when a day closes. */
void naive_gauge_judge(naive *model, const naive_rep *rep, naive_goal *g, int64_t at,
                       const naive_event *event);
void naive_gauge_tell_if_due(naive *model, const naive_rep *rep, naive_goal *g, int64_t from, int64_t upto);
const char *naive_gauge_ground(const naive *model, const naive_rep *rep, const naive_goal *g);
void naive_gauge_close(naive *model, naive_rep *rep, naive_goal *g);

#endif
