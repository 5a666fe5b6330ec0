/* Item: the named things of a configuration as they are written, before they are compiled.
 *
 * The option table fills these; metric.c, mapping.c, uses.c, facts.c, goal.c, clash.c, calendar.c,
 * holidays.c, days.c and place.c check how they refer to each other and compile them. A text that was not
 * given is NULL, a list empty. */
#ifndef PL_CONFIG_ITEM_H
#define PL_CONFIG_ITEM_H

#include "config/config.h"
#include "config/report.h"

/* Where a value comes from. */
typedef struct {
  pl_item item; /* of a field: its name */
  pl_list path;
  const char *constant;
  pl_pairs values;
} pl_origin_item;

typedef struct {
  pl_item item; /* the path */
  pl_list is, is_not;
  const char *differs;
  int present; /* 0: false, 1: true, -1: not given */
} pl_condition_item;

typedef struct {
  pl_item item;
  pl_items when; /* pl_condition_item */
  pl_list row;   /* before, after */
  const char *each, *id;
  pl_origin_item rep, at, type, currency;
  const char *at_format, *at_zone;
  int at_unit;       /* pl_epoch_unit; -1: not given */
  int32_t at_of_day; /* -1: not given */
  pl_items fields;   /* pl_origin_item */
  const char *share, *retracts, *metric, *amount, *source, *complete_to, *goal, *answer;
  double share_of;
} pl_mapping_item;

typedef struct {
  pl_item item;
  pl_list count, of, ratio, windows;
  const char *sum, *distinct, *last, *average, *duration, *forecasts, *unit, *typical;
  pl_pairs where;
  pl_items by; /* pl_map_item: a field's values by their short names */
  int decimals;
} pl_metric_item;

typedef struct {
  pl_item item;
  const char *zone;
  pl_pairs week;
  const char *holidays; /* the file */
  pl_list only, closed;
  int32_t listed_to; /* the last day of that file */
} pl_calendar_item;

typedef struct {
  pl_item item;
  const char *name, *parent, *manager, *zone, *calendar, *channel;
} pl_team_item;

typedef struct {
  pl_item item;
  const char *name, *team, *zone, *calendar, *email, *slack, *language;
  pl_list time_off;
  bool recognition, erased;
} pl_rep_item;

typedef struct {
  pl_item item;
  const char *each, *team, *rep, *metric, *parent, *plan;
  int period; /* 0: day .. 4: year; -1: not given */
  double target;
  int owner, status, direction; /* pl_goal_owner, pl_goal_status; 0: higher, 1: lower */
  int time_off;                 /* 0: scale, 1: keep */
  const char *from;
  pl_pairs line, milestones, versions;
} pl_goal_item;

typedef struct {
  pl_item item;
  const char *amounts;
  pl_pairs names, words;
  pl_items texts; /* pl_map_item: title and text by message */
} pl_language_item;

/* What compiling shares. */
typedef struct {
  pl_config *config;
  const pl_yaml *root;
  pl_arena *arena;
  pl_report *report, *warnings; /* warnings: of what is right and hardly meant */
  const char **types, **fields; /* being interned; the counts are in the policy */
  pl_metric *metrics;           /* the policy's, with room for those that follow from others */
  size_t exceptions;            /* days of all calendars that are not as their weekday */
} pl_compiler;

/* Each compiles its part into config, in this order, and complains. */
void pl_compile_places(pl_compiler *c);    /* brokers, topics, redis, schemas, public_url */
void pl_compile_endpoints(pl_compiler *c); /* receivers, endpoints */
void pl_compile_alerts(pl_compiler *c);    /* when to tell */
void pl_compile_fiscal(pl_compiler *c);    /* fiscal */
void pl_compile_metrics(pl_compiler *c);   /* metrics... */
void pl_compile_relations(pl_compiler *c); /* ...and for them ratios, funnel, boards */
void pl_compile_mappings(pl_compiler *c);  /* mapping... */
void pl_compile_uses(pl_compiler *c);      /* ...against what metrics use of it */
void pl_compile_calendars(pl_compiler *c);
void pl_compile_facts(pl_compiler *c); /* teams, reps, goals */
void pl_compile_messages(pl_compiler *c);

typedef struct {
  const pl_goal_fact *items; /* ascending by `from` */
  size_t n;
} pl_versions;
/* What of a goal does not depend on whose it is. */
pl_versions pl_compile_goal(pl_compiler *c, const pl_goal_item *goal);
/* Goals against each other, given what each is from when on, in the order of the file. */
void pl_compile_clashes(pl_compiler *c, const pl_versions *versions);

/* A date such as 2026-12-24, of the years 1900 to 2200. */
bool pl_day_parse(pl_str text, int32_t *day);
/* Days such as 2026-12-24 or 2026-12-24..2026-12-31, in the order of the file; of leaves an end may be a time
 * of its day, and `2026-12-24 12:00-18:00` is some hours of one. */
const pl_days *pl_compile_days(pl_compiler *c, const pl_yaml *node, pl_list texts, size_t *n);
const pl_leave *pl_compile_leaves(pl_compiler *c, const pl_yaml *node, pl_list texts, size_t *n);
/* `fri`, `mon-thu`: from monday, 0. */
bool pl_weekdays_parse(const char *text, int *first, int *last);
/* Spans of a day such as `09:00-12:30 13:30-18:00`; NULL, or what is wrong with it. */
const char *pl_spans_parse(const char *text, pl_workday *out);
/* The calendar's holiday file with room for `spare` more, in the order of the file, hours as written there;
 * NULL: there are too many. */
pl_exception *pl_compile_holidays(pl_compiler *c, const pl_calendar_item *item, size_t spare, size_t *n);

/* The index in the policy, made if it is new; -1 after a complaint at `node`. */
int pl_compile_type(pl_compiler *c, const char *name, const pl_yaml *node);
int pl_compile_field(pl_compiler *c, const char *name, const pl_yaml *node);

#endif
