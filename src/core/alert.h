/* Alert: a state change worth telling, as a record that its state carries.
 *
 * An alert's id is a hash of what it is about (entity, goal, kind, period, sequence), never of numbers that
 * change: however often it is recorded again after a crash, it is the same alert. */
#ifndef PL_CORE_ALERT_H
#define PL_CORE_ALERT_H

#include "paceline/core.h"

typedef enum {
  PL_ALERT_BEHIND,
  PL_ALERT_RECOVERED,
  PL_ALERT_GOAL_MET,
  PL_ALERT_GOAL_MISSED,
  PL_ALERT_MILESTONE_REACHED,
  PL_ALERT_MILESTONE_MISSED,
  PL_ALERT_SLUMP,
  PL_ALERT_SILENT,
  PL_ALERT_STREAK,
  PL_ALERT_CORRECTED,
  PL_ALERT_FEED_STALE, /* of no rep, team or goal: what is known is late */
  PL_ALERT_GOAL_PROPOSED,
  PL_ALERT_GOAL_AGREED,
  PL_ALERT_GOAL_GAP,
  PL_ALERT_KINDS
} pl_alert_kind;
const char *pl_alert_kind_name(pl_alert_kind kind);

/* Who hears it. A concern has no team among its audiences, so it cannot be routed to one. */
typedef enum { PL_TO_REP, PL_TO_MANAGER, PL_TO_TEAM, PL_TO_OPS } pl_audience;
const char *pl_audience_name(pl_audience audience);

/* Where a goal stands at an instant. Amounts in the metric's scaled unit; NAN: absent; instants in seconds,
 * INT64_MAX: absent. */
typedef struct {
  pl_pace_state state;
  bool brief; /* what costs a search was not computed: chance, projected..., judged_at */
  double actual, target, agreed, gap, line, pace, chance, needed_today, required_rate;
  double projected, projected_low, projected_high; /* mean, 10th and 90th percentile */
  int64_t crosses_at, judged_at;
} pl_figures;
/* As a view shows them while what is known is stale: what is decided stays, the rest is unknown. */
void pl_figures_hide(pl_figures *figures);

pl_figures pl_figures_none(void); /* all absent */

/* Of a concern: what there is less of than usual, and where it goes on less often than it did. */
typedef struct {
  int metric, stage;    /* indexes, of a metric and of a stage of the funnel; -1: none */
  double actual, usual; /* of `metric`, scaled: in the period so far; slump: in its days */
  double now, before;   /* of `stage`: its conversion in this period, in the one before */
} pl_cause;
#define PL_CAUSE_NONE ((pl_cause){.metric = -1, .stage = -1})

enum { PL_ALERT_ID_MAX = 33 };

typedef struct pl_alert pl_alert;
struct pl_alert {
  pl_alert *next;
  pl_alert_kind kind;
  pl_audience audience;
  char id[PL_ALERT_ID_MAX];
  char about[PL_ALERT_ID_MAX]; /* recovered, corrected: what it takes back; else "" */
  pl_alert_kind of;            /* ...and of which kind that was */
  char *recipient;             /* id of the rep, manager or team; "" for ops */
  char *goal, *metric;         /* "": it is about none */
  int metric_index;            /* -1: none */
  bool lower;                  /* at most the target was asked for */
  pl_unit period;
  int32_t index;
  uint32_t seq;
  pl_wall since;      /* the instant of the judgement */
  pl_wall at;         /* the instant it became due to be told */
  pl_wall until;      /* the period's end, the milestone's time */
  const char *reason; /* "chance", "pace", "left", "correction", "goal_changed", "period_end", "milestone",
                         "target" */
  pl_figures figures; /* at `at` */
  pl_cause cause;
  uint32_t nth;        /* told so often before: a repetition */
  pl_wall turn;        /* when the manager hears; PL_NEVER: that is not known */
  pl_wall answered;    /* the rep has answered; PL_NEVER: has not... */
  char *answer, *plan; /* ...why it is so, and what they will do; owned, "" */
};

void pl_alert_id(char out[PL_ALERT_ID_MAX], bool is_team, pl_str entity, pl_str goal, pl_alert_kind kind,
                 pl_unit period, int32_t index, uint32_t seq);
pl_alert *pl_alert_new(pl_alert_kind kind, pl_audience audience, const char *recipient, const char *goal,
                       const char *metric);
void pl_alert_put(pl_alert **list, pl_alert *alert); /* at its end */
void pl_alert_free(pl_alert **list);                 /* and those behind `next` */

#endif
