/* Company: what is in the logs, and an independent count of it.
 *
 * Six reps, two teams, goals of the day and the week, one who changes the team; managers who are somebody's
 * colleague, their own, or nobody; events that come late and twice, that take others back, that answer
 * alerts, that cannot be decoded, that lie in another's partition, that are paceline's business or not. The
 * company remembers each as it made it, and counts with a loop over all of them. */
#ifndef TESTS_SIM_COMPANY_H
#define TESTS_SIM_COMPANY_H

#include "broker.h"
#include "config/config.h"
#include "core/partition.h"

enum { REPS = 6, TEAMS = 2, POLICIES = 4, EVENTS_MAX = 400, SOURCE_DELAY_MS = 60000 };
typedef enum { EVENT_CALL, EVENT_WON, EVENT_NOTE, EVENT_ANSWER, EVENT_TYPES } company_type;
typedef enum { METRIC_CALLS, METRIC_REVENUE } company_metric;

typedef struct {
  char id[16];
  int rep; /* from 0 */
  company_type type;
  int64_t cents;
  pl_wall at, stamp;
  int32_t partition;
  int64_t offset;
  char retracts[16];           /* the event that it takes back; "": none */
  char alert[PL_ALERT_ID_MAX]; /* that it answers */
  bool poison;                 /* cannot be decoded */
  bool misplaced;              /* in another partition than its rep's */
} company_event;

typedef struct {
  timeline *t;
  broker *b;
  const pl_config *config;
  company_event events[EVENTS_MAX];
  size_t n;
  double calls[REPS], revenue[REPS], team_calls; /* targets */
  int32_t first_day;                             /* on the next one somebody changes the team */
  int64_t chart;                                 /* who leads the teams */
} company;

/* `policy`, of POLICIES: when managers hear of a concern. */
pl_config *company_config(pl_clock_kind clock, int policy);
bool company_zone(void *ctx, const char *name, pl_buf *out); /* a pl_zone_load_fn */

/* Writes the facts, and an event into each partition. */
void company_open(company *c, timeline *t, broker *b, const pl_config *config);
void company_work(company *c); /* somebody does something */
void company_answer(company *c, pl_str rep, pl_str alert);
void company_repeat_fact(company *c); /* a fact is written again as it was */
void company_close(company *c);       /* a last event in each partition */

int company_team(const company *c, int rep, int64_t day);
/* What was counted in these days, both included, by hundredths; team: 0 or 1; -1: of that rep. */
int64_t company_count(const company *c, company_metric metric, int rep, int team, int32_t first,
                      int32_t last);
bool company_refused(const company_event *e); /* whatever else is known */

/* A core that lives through a partition's log undisturbed, up to `known`. `take` is called whenever there may
 * be something to tell: behind an event, and (NULL) at the end. */
void company_live(const company *c, int32_t partition, pl_wall known,
                  void (*take)(void *ctx, pl_core *core, const company_event *last, pl_reason reason),
                  void *ctx);

#endif
