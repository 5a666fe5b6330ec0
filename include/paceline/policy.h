/* Policy: what the configuration says, compiled. Immutable while in use; replaced as a whole.
 *
 * Metrics are named numbers over events, windows say where they are added up, goals are targets for one
 * metric in one period. Everything is an index here; names stay for the outside. */
#ifndef PACELINE_POLICY_H
#define PACELINE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "paceline/event.h"
#include "paceline/line.h"

/* Units: what values are added up by. An index numbers the units: 5-minute and hour buckets since the epoch
 * in UTC, days since the epoch and the periods they lie in by the rep's own zone. */
typedef enum { PL_5MIN, PL_HOUR, PL_DAY, PL_WEEK, PL_MONTH, PL_QUARTER, PL_YEAR, PL_UNITS } pl_unit;
const char *pl_unit_name(pl_unit unit); /* "5min", "hour", "day", ... */

/* Windows: what a view shows. Rolling ones reach back from now over buckets; calendar ones are a unit's
 * current period, each with its previous one. */
typedef enum {
  PL_W_1H,
  PL_W_24H,
  PL_W_7D,
  PL_W_30D,
  PL_W_DAY,
  PL_W_WEEK,
  PL_W_MONTH,
  PL_W_QUARTER,
  PL_W_YEAR,
  PL_WINDOWS
} pl_window;
typedef struct {
  const char *name; /* "1h", "24h", "7d", "30d", "day", ... */
  pl_unit unit;
  int span;      /* rolling: how many buckets; calendar: 1 */
  bool calendar; /* has a previous period */
} pl_window_kind;
extern const pl_window_kind pl_window_kinds[PL_WINDOWS];

/* A ratio counts nothing itself: it divides what two others have counted. An average is the ratio of a hidden
 * sum and a hidden count, a duration that of a hidden span and a hidden count. */
typedef enum {
  PL_COUNT_OF,
  PL_SUM_OF,
  PL_SPAN_OF, /* a sum of seconds, from the instant in a field to the event's */
  PL_DISTINCT_OF,
  PL_LAST_OF, /* the newest event's value, by event time; the later record wins a tie */
  PL_RATIO_OF
} pl_metric_kind;

/* One condition: the field's value, as text, is among these. */
typedef struct {
  int field; /* index into pl_policy.fields */
  const pl_str *values;
  size_t n;
} pl_filter;

enum { PL_METRICS_MAX = 64, PL_DISTINCT_MAX = 1024, PL_FUNNEL_MAX = 16, PL_BY_MAX = 16 };
enum {
  PL_RATIO_DECIMALS = 4,
  PL_SPAN_DECIMALS = 2,
  PL_AVERAGE_DECIMALS = 2
}; /* with which ratios and durations are shown */

typedef struct {
  const char *name;
  pl_metric_kind kind;
  bool hidden;    /* a part of another metric: in no view, and cannot be named */
  uint64_t types; /* bit i: counts events of pl_policy.types[i] */
  const pl_filter *where;
  size_t nwhere;         /* all must hold */
  int field;             /* sum, last: the amount; span: the instant; distinct: the thing; count: what must be
                            there; else -1 */
  const char *unit_text; /* of amounts: "EUR"; of a duration: "d"; or NULL */
  int decimals;          /* values are integers scaled by 10^decimals; a ratio is shown with so many */
  int64_t typical;       /* sum: one event's size when there is no history, scaled; 0: not given */
  uint32_t windows;      /* bit pl_window; a ratio's are those of both its parts */
  uint64_t hash;         /* of the definition: names the metric in recorded state */
  int num, den;          /* ratio: indexes into pl_policy.metrics; last: den is the count of its events */
  int32_t unit_s;        /* a duration's ratio: the seconds of its unit; else 0 */
  int forecasts;         /* last: the metric whose period it foretells, or -1 */
} pl_metric;

typedef enum { PL_OWNER_MANAGER, PL_OWNER_REP, PL_OWNER_AGREED } pl_goal_owner;
typedef enum { PL_GOAL_AGREED, PL_GOAL_PROPOSED, PL_GOAL_PAUSED } pl_goal_status;

enum { PL_SOURCES_MAX = 16 };

/* Weekly working pattern in local time of day; a calendar with a zone is a workcal (calendar.h). */
enum { PL_SPANS_MAX = 8 };
typedef struct {
  int32_t from, to; /* seconds of the local day, 0 <= from < to <= 86400 */
} pl_span;
typedef struct {
  pl_span spans[PL_SPANS_MAX]; /* ascending, apart */
  int n;
} pl_workday;
/* A day that is not as its weekday is: a holiday, half a day, a day on which the company is closed. */
typedef struct {
  int32_t day;
  pl_workday hours; /* n 0: free */
} pl_exception;
typedef struct {
  const char *name;
  const char *zone;               /* IANA name, or NULL: the rep's, then the team's, then the default */
  pl_workday week[7];             /* 0 = Monday */
  const pl_exception *exceptions; /* ascending, a day once */
  size_t nexceptions;
} pl_calendar_def;

/* Fiscal years: what months, quarters and years are periods of. Months: twelve calendar months from `month`
 * on. The others: whole weeks, 13 a quarter, in months of so many; the year ends on a weekday at a month's
 * end. */
typedef enum { PL_FISCAL_MONTHS, PL_FISCAL_445, PL_FISCAL_454, PL_FISCAL_544 } pl_fiscal_pattern;
typedef struct {
  pl_fiscal_pattern pattern;
  int month;           /* months: the first of a year, 1..12; else the one at whose end the year ends; 0: no
                          fiscal years, and the rest says nothing */
  int weekday;         /* weeks: the last day of a year, 0 = Monday; ... */
  bool nearest;        /* ...the one nearest to the month's end, else the last one in it */
  bool named_by_start; /* by the calendar year in which it begins, else by the one in which it ends */
} pl_fiscal;

/* --- facts: roster, teams and goals, from Kafka or from the configuration; they borrow */

enum { PL_DAY_ALWAYS = INT32_MIN }; /* a `from` that was not given */
enum { PL_TIME_OFF_MAX = 256 };     /* leaves in a rep's record */

typedef struct {
  int32_t from; /* day number: local midnight at which it takes effect; PL_DAY_ALWAYS */
  pl_str what;  /* a team's id, a zone's name, a calendar's name */
} pl_since;

/* Days in a row, both included. */
typedef struct {
  int32_t first, last;
} pl_days;

/* Time off, by the rep's own clock: from one instant until another, both as day number x 86,400 + second of
 * the day. */
typedef struct {
  int64_t from, until;
} pl_leave;

typedef struct {
  pl_str id, name;
  const pl_since *memberships, *zones, *calendars; /* ascending by `from` */
  size_t nmemberships, nzones, ncalendars;
  pl_str email, slack;      /* channels; empty: none */
  pl_str language;          /* that messages are written in, such as de; empty: the one for all */
  bool erased;              /* status: erased */
  bool recognition_off;     /* opted out of public recognition */
  const pl_leave *time_off; /* in any order, may overlap */
  size_t ntime_off;
} pl_rep_fact;

typedef struct {
  pl_str id, name, parent, manager, zone, calendar, channel; /* empty: none */
  bool removed;
} pl_team_fact;

/* A checkpoint inside the period: a share of the target at a share of the working time, or an amount by a
 * time of a day goal's day. */
typedef struct {
  uint16_t at, share; /* in 1/PL_LINE_WHOLE, both above 0 and below it; at 0: ... */
  int32_t of_day;     /* ...seconds of the local day */
  double amount;      /* ...in the metric's unit */
} pl_milestone;
enum { PL_MILESTONES_MAX = 8 };
/* Of one rep or team, versions counted; and the bytes of a goal's name. With them a whole subject fits into
 * one batch to the store. */
enum { PL_GOALS_MAX = 128, PL_GOAL_NAME_MAX = 64 };

typedef struct {
  pl_str name, metric, parent, plan; /* name: the goal's id within its rep or team */
  pl_unit period;                    /* PL_DAY .. PL_YEAR */
  double target;                     /* in the metric's unit, not scaled */
  pl_goal_owner owner;
  pl_goal_status status;
  bool lower_is_better; /* at most the target, which may be 0 */
  bool keeps_time_off;  /* time off leaves the target as it is: a quota */
  int32_t from;         /* day number: the local midnight from which this version holds; PL_DAY_ALWAYS */
  const pl_line *line;  /* NULL: straight */
  const pl_milestone *milestones;
  size_t nmilestones; /* PL_MILESTONES_MAX at most, ascending, of one kind */
} pl_goal_fact;

typedef struct {
  pl_str entity; /* a rep's or a team's id */
  bool is_team;
  const pl_goal_fact *goals; /* one name several times: versions, each with a `from` of its own */
  size_t n;                  /* PL_GOALS_MAX at most; 0: none any more */
} pl_goals_fact;

/* Working time: seconds of it, or working days; one of the two is 0; both: none, or never. */
typedef struct {
  int32_t seconds, days;
} pl_work;

/* When a rep's manager hears of a concern. */
typedef enum { PL_TURN_NEVER, PL_TURN_NOW, PL_TURN_AFTER, PL_TURN_DIGEST } pl_turn;

typedef struct {
  double enter, leave; /* behind at chance < enter, left at chance >= leave */
  int32_t wait_work_s; /* `for`, working seconds between judged and told */
  pl_turn turn;
  pl_work turn_after;   /* since the rep was told; DIGEST: what counts as short of time */
  pl_work repeat;       /* told again while it lasts; none: never */
  pl_work silent_after; /* none: never */
} pl_alert_def;

typedef struct {
  int metric;
  pl_window window; /* a calendar one */
} pl_board_def;

/* One stage of the funnel. */
typedef struct {
  int metric;
  int conversion; /* the ratio of it to the stage before, `conversion.<metric>`; -1: the first */
} pl_stage_def;

typedef struct {
  const char *const *types; /* event types, by index; PL_TYPES_MAX at most */
  size_t ntypes;
  const char *const *fields; /* event fields, by index; PL_FIELDS_MAX at most */
  size_t nfields;
  const pl_metric *metrics;
  size_t nmetrics;
  const pl_stage_def *funnel; /* from what is done first to what comes of it last */
  size_t nfunnel;
  const pl_calendar_def *calendars;
  size_t ncalendars; /* [0] is the default calendar */
  const char *default_zone;
  pl_fiscal fiscal;
  const pl_board_def *boards;
  size_t nboards;
  pl_alert_def alerts;
  pl_dur source_delay, future_tolerance, view_refresh;
  const char *const
      *sources;         /* feeds that speak in heartbeats; nothing is judged beyond what each has said */
  size_t nsources;      /* PL_SOURCES_MAX at most */
  pl_dur stale_after;   /* what is known may lag so far before states are unknown */
  int dedupe_ids;       /* remembered ids per rep */
  uint64_t fingerprint; /* another one where anything here may be another; 0: not known to be the same */
  int unknown_reps_max; /* entities without a roster record, per partition */
  /* the small alternative: facts in the configuration; NULL when they come from Kafka */
  const pl_team_fact *teams;
  size_t nteams;
  const pl_rep_fact *reps;
  size_t nreps;
  bool goals_in_file;         /* and so events do not change them */
  const pl_goals_fact *goals; /* `each:` is spread already */
  size_t ngoals;
} pl_policy;

/* Of the definition: equal where metrics count the same. Whoever makes a policy puts it into pl_metric.hash.
 */
uint64_t pl_policy_metric_hash(const pl_policy *policy, size_t metric);
int pl_policy_metric(const pl_policy *policy, pl_str name);   /* -1: no such, or hidden */
int pl_policy_calendar(const pl_policy *policy, pl_str name); /* -1: no such */
/* Amounts are held as whole numbers, scaled by 10^decimals; NULL: of no metric, and whole. */
double pl_metric_unit(const pl_metric *m); /* 10^decimals */
static inline double pl_metric_scaled(const pl_metric *m, double amount) {
  return amount * pl_metric_unit(m);
}
static inline double pl_metric_unscaled(const pl_metric *m, double scaled) {
  return scaled / pl_metric_unit(m);
}
/* What a goal or a milestone can ask for of it, scaled: from one up to what a double still holds exactly. */
#define PL_SCALED_MAX 9e15
static inline bool pl_metric_asks(const pl_metric *m, double amount) {
  double scaled = pl_metric_scaled(m, amount);
  return scaled >= 1 && scaled <= PL_SCALED_MAX;
}
/* Do its days add up to its periods? */
static inline bool pl_metric_adds(const pl_metric *m) { return m->kind <= PL_SPAN_OF; }
/* Does it go up and down: does nothing that is still to come add to what is there? */
static inline bool pl_metric_is_gauge(const pl_metric *m) {
  return m->kind == PL_LAST_OF || m->kind == PL_RATIO_OF;
}
/* Of a ratio of counts: is everything that is counted above the line also counted below it? */
bool pl_policy_among(const pl_policy *policy, const pl_metric *ratio);
/* Bit per metric: those whose counters it is made of. */
uint64_t pl_policy_sources(const pl_policy *policy, size_t metric);
/* A ratio, in its unit, of what its parts have counted; NAN: of nothing. */
double pl_policy_ratio(const pl_policy *policy, size_t metric, int64_t num, int64_t den);

#endif
