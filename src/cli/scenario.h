/* Scenario: a policy's test file, read and resolved: who does what when, and what must be so then.
 *
 *     policy: inside-sales.yaml          # the configuration under test, beside this file
 *     zone: Europe/Berlin                # of every time here; without it the policy's
 *     scenarios:
 *       Ada makes no calls on a Monday and hears of it after lunch, in private:
 *         start: 2026-03-02              # here time begins; nothing was before
 *         about: ada                     # whose alerts are compared; without it everybody's
 *         with: {goals: {daily_calls: {target: 60}}}        # laid over the policy; ~ takes something away
 *         facts:                         # what else is laid over it, and from when on
 *           wed 12:00: {goals: {daily_calls: {target: 50}}}
 *         events:
 *           - 09:30 ada call                                # the day of `start`
 *           - tue 10:00..16:00 every 10min ben call x2      # the first Tuesday from there on
 *           - 2026-03-05 11:00 ada deal_won amount=2500 product="GTX Pro" received 2026-03-06 09:00
 *         at:
 *           10:00:     {ada: {daily_calls: behind, calls:day: 1}, alerts: []}
 *           14:05:     {alerts: [behind daily_calls ada to rep]}
 *           tue 00:00: {ada: {daily_calls 2026-03-02: {state: missed, actual: 1}}, none: [recovered]}
 *
 * An event's day may be a range, `mon..fri`; xN repeats it, id=ID names it, retracts=ID takes that one back,
 * `received` stamps its record later, `refused REASON` says that it is not counted. A feed that the policy
 * declares speaks as in `09:30 heartbeat crm complete_to 09:25`; without `complete_to` it has said everything
 * up to then. A rep answers the concern that they were told last, of any goal or of one, as in `ada answer
 * goal=daily_calls reason="Two days off sick" plan="Calls all Monday"`. `facts` are changes of goals, reps,
 * teams and calendars, each on top of those before it: as when the file is changed and read again then. A
 * goal's name is that of its open period, with a period after it
 * (`2026-W10`, `FY2026-Q1`, as views and alerts write it) of that one. A figure is what the view shows, or
 * `none`, or a limit as in `chance: below 0.2`; of rounded figures as many digits are compared as are given.
 * `alerts` are all that were told since `alerts` were compared before, in order; `none` are not among them.
 * An alert is its kind, then as much of `GOAL WHOSE to AUDIENCE RECIPIENT saying TEXT` as matters; a slump
 * has a metric for a goal, and the text is a part of the message.
 *
 * Everything a scenario names must be in its policy: what is unknown is an error, not silence. */
#ifndef PL_CLI_SCENARIO_H
#define PL_CLI_SCENARIO_H

#include "config/config.h"
#include "config/report.h"
#include "core/alert.h"
#include "core/reading.h"

/* One record of the stream. */
typedef struct {
  const pl_event *event; /* of its line: without id and instant */
  pl_str id;
  pl_wall at, stamp;
  pl_wall complete_to; /* of a heartbeat */
  pl_reason outcome;   /* what becomes of it */
  size_t place;        /* in the file */
  const pl_yaml *node;
} pl_cue;

/* A figure and how its text is compared. */
typedef enum { PL_FIGURE_STATE, PL_FIGURE_EXACT, PL_FIGURE_ROUNDED, PL_FIGURE_INSTANT } pl_figure_kind;
typedef struct {
  const char *name; /* as in pl_figures_each */
  pl_figure_kind kind;
} pl_figure;

typedef enum { PL_WANT_TEXT, PL_WANT_EQUAL, PL_WANT_BELOW, PL_WANT_ABOVE, PL_WANT_ABSENT } pl_want_kind;
typedef struct {
  pl_want_kind kind;
  double number, within; /* EQUAL: that far apart at most */
} pl_want;

typedef struct {
  pl_alert_kind kind;
  pl_str goal, whose; /* empty: any; goal: of a slump the metric */
  int audience;       /* pl_audience; -1: any */
  pl_str recipient;   /* empty: any */
  pl_str saying;      /* stands in its body */
} pl_alert_words;

typedef enum {
  PL_CLAIM_FIGURE,
  PL_CLAIM_COUNTER,
  PL_CLAIM_HABIT,
  PL_CLAIM_ALERTS,
  PL_CLAIM_NONE
} pl_claim_kind;
typedef struct {
  pl_claim_kind kind;
  pl_wall at;
  const pl_yaml *node;
  pl_str whose; /* figures, counters */
  bool is_team;
  pl_str goal; /* figures: of which goal, ... */
  bool named;  /* ...in this period; otherwise in the one that is open */
  pl_unit period;
  int32_t index;
  const pl_figure *figure;
  int metric; /* counters; figures: the goal's */
  pl_window window;
  pl_reading reading;
  pl_want want;
  const pl_alert_words *alerts;
  size_t n;
} pl_claim;

/* Facts that change while it plays: the whole policy from then on. */
typedef struct {
  pl_wall at;
  const pl_yaml *node;
  pl_config *config;
  pl_almanac *almanac;
} pl_change;

typedef struct {
  const char *name;
  const pl_yaml *node;
  pl_config *config;
  pl_almanac *almanac;
  pl_change *changes; /* in the order of their instants */
  size_t nchanges;
  const pl_zone *zone; /* of the times in it */
  pl_wall start;
  const pl_str *about; /* ids; none: everybody */
  size_t nabout;
  pl_cue *cues; /* in the order of their stamps */
  size_t ncues;
  pl_claim *claims; /* in the order of their instants */
  size_t nclaims;
} pl_scenario;

typedef struct {
  const char *path;
  pl_arena *arena;
  pl_config *config; /* of all scenarios that lay nothing over it */
  pl_almanac *almanac;
  pl_scenario *list;
  size_t n;
} pl_scenarios;

/* REJECT: everything that is wrong, a line each, in `errors`. `policy`: the configuration under test; NULL:
 * as the file says. */
pl_status pl_scenarios_load(pl_scenarios **out, const char *path, const char *policy,
                            pl_buf *errors) PL_MUST_CHECK;
void pl_scenarios_free(pl_scenarios **scenarios);

#endif
