/* World: a made-up company in one partition, everything drawn from a seed: a policy, reps in several zones
 * with goals and changing teams, and the stream of their records with duplicates, late, future and broken
 * ones. */
#ifndef TESTS_CORE_WORLD_H
#define TESTS_CORE_WORLD_H

#include "base/random.h"
#include "core/partition.h"

/* Metrics: what is counted, SPANS and TIMED hidden, then what divides it. */
enum { CALLS, DEMOS, REVENUE, ACCOUNTS, SPANS, TIMED, FORECAST, FORECASTS, TOUCHES, METRICS };
enum { CLOSING = METRICS, SHARE, PITCH, VALUE, COST, ALL_METRICS };
enum { CALL, DEMO, WON, NOTE, TYPES };             /* event types; notes are forecasts */
enum { AMOUNT, ACCOUNT, CHANNEL, OPENED, FIELDS }; /* event fields */
enum { REPS_MAX = 5, GOALS_EACH = 3, TEAMS = 2, RECORDS_MAX = 1500, LEAVES_MAX = 4, HOLIDAYS = 8 };
enum { SAID_MAX = 24, GOAL_NAME_MAX = 24 };

typedef struct {
  char id[8];
  pl_since zone, calendar, memberships[3];
  pl_leave time_off[LEAVES_MAX];
  pl_goal_fact goals[2 * GOALS_EACH];
  pl_line lines[2 * GOALS_EACH];
  pl_milestone milestones[GOALS_EACH][3];
  pl_rep_fact fact;
  pl_goals_fact goals_fact;
  double rate; /* events an hour of a working day */
} world_rep;

typedef struct {
  pl_event event; /* borrows from the texts below */
  char id[24], retracts[24], rep[16], amount[24], account[8], channel[8];
  pl_wall stamp;
  int64_t offset;
  pl_wall advance; /* before it: everything up to here is known; PL_BEGINNING: nothing is said */
  pl_answer_word answer;
  char alert[PL_ALERT_ID_MAX], because[SAID_MAX], plan[SAID_MAX];
} world_record;

/* A heartbeat. */
typedef struct {
  size_t before; /* the record that follows it */
  int source;    /* -1: one that is not declared */
  pl_wall complete_to, stamp;
} world_beat;
enum { SOURCES = 2, BEATS_MAX = 3000 };

typedef struct {
  uint64_t seed;
  pl_policy policy;
  pl_metric metrics[ALL_METRICS];
  pl_calendar_def calendars[2];
  pl_exception holidays[HOLIDAYS]; /* of the first one */
  pl_almanac *almanac;
  pl_teams *teams;
  pl_team_fact chart[TEAMS + 1]; /* who leads the teams, and the one above them: of worlds with a talk */
  size_t nreps;
  world_rep reps[REPS_MAX];
  size_t n;
  world_record records[RECORDS_MAX];
  size_t nbeats;
  world_beat beats[BEATS_MAX]; /* in the order of the log */
  pl_wall start, end;          /* the first stamp; everything is known up to `end` at last */
} world;

bool world_zone_load(void *ctx, const char *name, pl_buf *out); /* a pl_zone_load_fn: the system's files */
void world_make(world *w, uint64_t seed);
/* Puts goals on what goes up and down in the place of some. */
void world_add_gauges(world *w);
/* Adds milestones to its goals. */
void world_add_milestones(world *w);
/* Calls lead to demos, demos to what is sold. */
void world_add_funnel(world *w);
/* Some records take earlier ones back. */
void world_add_retractions(world *w);
/* Easy goals of the day, so that days in a row are met; silence is a matter of hours; half of the worlds last
 * for months. */
void world_add_habits(world *w);
/* Adds versions to its goals, and quotas: after the milestones. */
void world_add_versions(world *w);
/* Declares sources that speak, lag, and fall silent for hours, or for good. */
void world_add_sources(world *w);
/* Teams get managers and teams above them, some concerns are told again and to others, and some of the
 * records answer: the last to be added. */
void world_add_talk(world *w);
/* `<goal>`, `<goal>@50%`, `<goal>@12:00`; `stone` NULL: the goal itself. */
void world_goal_name(char out[GOAL_NAME_MAX], const pl_goal_fact *goal, const pl_milestone *stone);
/* The next heartbeat before that record (after the last: w->n), from `*next` on; NULL: none is left. */
const world_beat *world_beat_before(const world *w, size_t record, size_t *next);
pl_str world_source(const world_beat *beat);
void world_free(world *w);
/* A core with the world's facts; it has not begun. */
pl_core *world_core(world *w);

#endif
