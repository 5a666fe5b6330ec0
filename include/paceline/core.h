/* Core: one partition's facts in, next deadline out; what is to be written is core/partition.h's.
 *
 * The core counts events, judges goals and records alerts; it never reads a clock and never does I/O. Time is
 * an argument: records carry their stamps, and pl_core_advance says up to which instant everything is known.
 * Until then nothing negative is judged; a deadline t fires once the clock has reached t, in order of t, at
 * t.
 *
 *   put facts -> restore recorded subjects -> begin -> (apply | advance)*
 *
 * Dirty subjects are taken out for writing in between.
 *
 * A subject is a rep, or a team whose home this partition is. Buckets and totals are a function of the
 * applied events and the roster; figures and alerts follow from these, the goals and the clock. */
#ifndef PACELINE_CORE_H
#define PACELINE_CORE_H

#include "paceline/calendar.h"
#include "paceline/event.h"
#include "paceline/pace.h"
#include "paceline/policy.h"

/* --- almanac: the zones and working calendars that a process shares among its partitions */
typedef struct pl_almanac pl_almanac;
/* Puts a zone's TZif bytes into `out`; false: there is no such zone. */
typedef bool pl_zone_load_fn(void *ctx, const char *name, pl_buf *out);
pl_status pl_almanac_new(pl_almanac **out, const pl_policy *policy, pl_zone_load_fn *load, void *ctx,
                         pl_err *err) PL_MUST_CHECK; /* REJECT: the default zone cannot be read */
void pl_almanac_free(pl_almanac **almanac);

/* --- teams: the directory of all teams, read before anything else */
typedef struct pl_teams pl_teams;
typedef struct {
  char *id, *name, *parent, *manager, *zone, *calendar, *channel; /* "" where nothing was given */
} pl_team;
pl_teams *pl_teams_new(void);
void pl_teams_free(pl_teams **teams);
void pl_teams_put(pl_teams *teams, const pl_team_fact *fact); /* `removed` drops it */
const pl_team *pl_teams_find(const pl_teams *teams, pl_str id);
/* Who leads somebody who is in that team (NULL: in none): the first manager on the way up. Nobody is their
 * own: who leads a team is led from above. "": nobody does. */
const char *pl_teams_manager(const pl_teams *teams, const char *team, pl_str who);
/* Every team: for (const pl_team *t = NULL; (t = pl_teams_next(teams, t));) */
const pl_team *pl_teams_next(const pl_teams *teams, const pl_team *after);

/* --- the core of one partition */
typedef struct pl_core pl_core;
typedef struct pl_subject pl_subject;

pl_core *pl_core_new(const pl_policy *policy, pl_almanac *almanac, const pl_teams *teams, int32_t partition);
void pl_core_free(pl_core **core);
/* The same in steps of so many reps, for who has other things to do meanwhile; true: it is gone. Nothing else
 * may be asked of it from the first step on; what it was made with may be gone before it is. */
bool pl_core_dissolve(pl_core **core, size_t reps);

void pl_core_put_rep(pl_core *core, const pl_rep_fact *fact);
/* Goals that cannot be taken are left out, the others are taken: how many, and in `err` why the last one was
 * not. */
size_t pl_core_put_goals(pl_core *core, const pl_goals_fact *fact, pl_err *err);
/* This partition is the home of the team. */
void pl_core_put_team(pl_core *core, const pl_team *team);
void pl_core_drop_team(pl_core *core, pl_str id); /* nobody describes it any more: its keys are deleted */
/* What a team shows on average by member, as its home has written it: by metric * PL_WINDOWS + window, NAN
 * where it is unknown; NULL: nothing is known of it any more. Its members' views show it from their next
 * refresh on. */
void pl_core_put_team_average(pl_core *core, pl_str id, const double *averages);
/* A team's zone or calendar has changed: that of its members may have, too. */
void pl_core_team_moved(pl_core *core, pl_str id);
/* A partition's times, as its mark keeps them; PL_BEGINNING: not known yet. */
typedef struct {
  pl_wall origin;                /* where the clock was started, ever */
  pl_wall clock;                 /* deadlines up to here have fired */
  pl_wall stamp;                 /* the newest record's */
  pl_wall heard[PL_SOURCES_MAX]; /* by pl_policy.sources: up to where each has said everything; 0 ms: never */
  pl_wall
      since[PL_METRICS_MAX]; /* by metric: its events are counted from here on; 0 ms: all that there were */
} pl_times;
static inline pl_times pl_times_at(pl_wall clock) {
  return (pl_times){.origin = PL_BEGINNING, .clock = clock, .stamp = PL_BEGINNING};
}
/* All facts and records are in; arms every deadline. Without a clock the first stamp or advance starts it. */
void pl_core_begin(pl_core *core, pl_times marked);

/* One event at `offset`: its place in the partition, strictly increasing (the engine makes it of the record's
 * offset and the event's place in the record), stamped `stamp`. Fires the deadlines before it first.
 * PL_APPLIED, or why not. */
pl_reason pl_core_apply(pl_core *core, const pl_event *event, pl_wall stamp, int64_t offset);
/* The same for an event that was expected. Memory is what counting waits for: looks 0 to PL_LOOKS - 1, each a
 * few events after the one before, bring near what the next one and the applying touch. Facts put
 * meanwhile make a look useless, not wrong. */
enum { PL_LOOKS = 5 };
typedef struct {
  uint64_t rep, id; /* hashes */
  pl_subject *subject;
} pl_expected;
void pl_core_expect(const pl_core *core, const pl_event *event, int look, pl_expected *expected);
pl_reason pl_core_apply_expected(pl_core *core, const pl_event *event, const pl_expected *expected,
                                 pl_wall stamp, int64_t offset);
/* A record of the partition that is not an event of a rep (dead letter): only its stamp counts. */
void pl_core_stamp(pl_core *core, pl_wall stamp, int64_t offset);
/* A heartbeat: its source has said everything that happened up to complete_to, and no later than the record's
 * stamp. False: the source is not declared, only the stamp counts. What it sets free is fired by what comes
 * next: a record, an advance. */
bool pl_core_heartbeat(pl_core *core, pl_str source, pl_wall complete_to, pl_wall stamp, int64_t offset);
/* Everything up to `complete_to` is known as far as the broker goes: what comes is stamped more than
 * source_delay later. The declared sources may not have said as much. Fires every deadline at or before what
 * is known of all. Each fired takes one off `budget` (NULL: there is no limit); false: it is used up, and the
 * same is to be asked again. Until then the clock stands before those that are left, and what is written down
 * meanwhile is whole. */
bool pl_core_advance(pl_core *core, pl_wall complete_to, size_t *budget);
/* The same for the deadlines that a record with this stamp finds before it, so that applying it fires none.
 */
bool pl_core_prepare(pl_core *core, pl_wall stamp, size_t *budget);
/* Teams are known from the earliest origin of all partitions to the earliest of their clocks. */
bool pl_core_advance_teams(pl_core *core, pl_wall origin, pl_wall complete_to, size_t *budget);
pl_wall pl_core_next(const pl_core *core); /* the next deadline of a rep */
pl_times pl_core_times(const pl_core *core);
pl_wall pl_core_now(const pl_core *core); /* its newest stamp, or the clock where that is later */

/* --- freshness */

pl_wall pl_core_complete_to(const pl_core *core); /* PL_BEGINNING: a source was never heard */
/* What holds the clock back, where it could stand at `upto` if nothing was late. */
typedef struct {
  bool stale;    /* for stale_after and longer */
  int source;    /* index into pl_policy.sources; -1: none of them does */
  pl_wall since; /* the clock */
  bool never;    /* the source was never heard */
} pl_lateness;
pl_lateness pl_core_late(const pl_core *core, pl_wall upto);
/* From now on, or no more, views say `unknown` of whatever is not decided yet: of reps, or of teams. Each who
 * is looked at takes one off `budget`, as in pl_core_advance. */
bool pl_core_set_stale(pl_core *core, bool teams, bool stale, size_t *budget);
/* Has somebody of the roster worked for `limit` or more between the two? `cursor` is 0 at first, and after an
 * answer; otherwise the budget is used up, and it says where to go on. */
bool pl_core_worked(const pl_core *core, pl_wall from, pl_wall to, pl_dur limit, size_t *cursor,
                    size_t *budget);

typedef struct {
  int64_t reasons[PL_REASONS];
  int64_t cancelled;       /* judged behind and healed before it was told */
  int64_t inhibited;       /* due to be told while a leading metric's concern was open */
  int64_t bad_goals;       /* goals of the facts that could not be taken */
  int64_t distinct_full;   /* ids that found a full list */
  int64_t subjects, fired; /* deadlines fired */
} pl_core_stats;
const pl_core_stats *pl_core_stats_of(const pl_core *core);

#endif
