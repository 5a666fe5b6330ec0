/* Digests: who gets one now.
 *
 * A manager gets one each day of the schedule at its time on their own clock; so does whoever has something
 * that the attention budget keeps for it. It waits until what had happened by then is counted in
 * every partition, for as long as views may be stale. Who was not there at the time makes it up on the same
 * day, not later: a digest tells how things stand. With `clock: stream` the day and its time are those of the
 * partition's newest record, and a day that records jump over has none.
 *
 * Whoever is due waits in a list; one after the other is made. That one was made is known from the record:
 * its id is that of the recipient and the day, and an entry is put once. */
#include "engine/digests.h"

#include <stdio.h>

#include "base/civil.h"
#include "base/mem.h"
#include "engine/addressee.h"
#include "engine/digest_job.h"
#include "engine/inside.h"

static const int64_t LOOK_US = 60000000, SOON_US = 1000000;

void pl_digests_fini(pl_digests *d) {
  while (d->first) pl_digest_job_drop(d);
  pl_map_fini(&d->made);
  *d = (pl_digests){0};
}

static pl_wall now_of(const pl_tenure *t) {
  bool wall = t->engine->config->clock == PL_CLOCK_WALL;
  return wall ? pl_engine_wall(t->engine) : pl_core_now(t->core);
}

/* --- who is due */

/* A look through all who could be. */
typedef struct {
  pl_tenure *tenure;
  pl_wall now;
  int64_t next; /* the earliest who is not yet, in seconds */
  pl_map jobs;  /* `<audience>:<recipient>` -> job, in the tenure's list; NULL: not due */
} look;

/* It is due: a job, once. */
static pl_digest_job *job_of(look *l, pl_audience audience, pl_str who, const pl_zone *other) {
  char text[PL_ID_MAX + 16];
  pl_tenure *t = l->tenure;
  const pl_config *c = t->engine->config;
  int n = snprintf(text, sizeof text, "%s:%.*s", pl_audience_name(audience), (int)who.n, who.p);
  pl_str name = {text, (size_t)n};
  const pl_map_slot *known = pl_map_slot_of(&l->jobs, name);
  if (known) return known->value;
  const pl_zone *zone = pl_addressee_zone_of(t, who, other);
  int32_t day = pl_zone_day(zone, pl_seconds(l->now));
  int64_t at = pl_zone_instant(zone, day, c->alerts.digest.at), next;
  bool is_day = c->alerts.digest.weekdays >> pl_weekday(day) & 1;
  bool made = (intptr_t)pl_map_find(&t->digests.made, name) == (intptr_t)day + 1;
  void **place = pl_map_put(&l->jobs, name);
  next = pl_config_digest_after(c, zone, pl_seconds(l->now));
  if (next < l->next) l->next = next;
  if (is_day && !made && at <= pl_seconds(l->now))
    *place = pl_digest_job_new(&t->digests, audience, who, zone, day, pl_wall_s(at));
  return *place;
}

static void lead(look *l, const char *manager, const pl_team *team) {
  const pl_tenure *t = l->tenure;
  if (!*manager || pl_engine_home(t->engine, pl_str_of(manager)) != t->partition) return;
  const pl_zone *other = pl_addressee_team_zone(t->engine, pl_str_of(team->id));
  pl_digest_job *job = job_of(l, PL_TO_MANAGER, pl_str_of(manager), other);
  if (job) pl_digest_job_team(job, pl_str_of(team->id));
}

/* A team's manager leads its members; who leads the manager leads that one of them. */
static void look_at_teams(look *l) {
  const pl_teams *teams = l->tenure->engine->teams;
  for (const pl_team *team = NULL; (team = pl_teams_next(teams, team));) {
    const char *first = pl_teams_manager(teams, team->id, (pl_str){0});
    lead(l, first, team);
    if (*first) lead(l, pl_teams_manager(teams, team->id, pl_str_of(first)), team);
  }
}

static void look_at_waiting(void *ctx, pl_delivery *d) {
  (void)job_of(ctx, d->audience, pl_str_of(d->recipient), d->zone);
}

static void look_for_due(pl_tenure *t) {
  const pl_engine *e = t->engine;
  look l = {.tenure = t, .now = now_of(t), .next = INT64_MAX};
  bool stream = e->config->clock == PL_CLOCK_STREAM;
  t->digests.next.us = pl_engine_mono(e).us + SOON_US;
  if (l.now.ms == INT64_MIN) return; /* nothing was read yet */
  look_at_teams(&l);
  pl_outbox_each_waiting(e->outbox, t->partition, look_at_waiting, &l);
  pl_map_fini(&l.jobs);
  int64_t wait = stream ? SOON_US : LOOK_US;
  if (!stream && l.next < INT64_MAX / 1000000 && l.next * 1000000 - l.now.ms * 1000 < wait)
    wait = l.next * 1000000 - l.now.ms * 1000;
  t->digests.next.us = pl_engine_mono(e).us + (wait > SOON_US / 100 ? wait : SOON_US / 100);
}

/* --- */

/* Is what had happened by then counted, and written? */
static bool is_known(const pl_tenure *t, pl_wall due) {
  const pl_engine *e = t->engine;
  if (e->config->clock == PL_CLOCK_STREAM) return true;
  bool late = !pl_before(pl_engine_wall(e), pl_wall_plus(due, e->policy->stale_after));
  return late || (t->flush.settled && !pl_before(t->home.judged, due));
}

pl_mono pl_digests_tick(pl_tenure *t) {
  pl_engine *e = t->engine;
  pl_mono now = pl_engine_mono(e), never = {INT64_MAX};
  if (e->config->alerts.digest.at < 0 || t->phase != PL_TENURE_LIVE || !e->store_up || !*e->sha || e->drained)
    return never;
  if (!t->digests.first && now.us < t->digests.next.us) return t->digests.next;
  if (!t->caught_up || !t->todo.recalled || !pl_gate_ready(e->gate)) return (pl_mono){now.us + SOON_US};
  if (!t->digests.first) look_for_due(t);
  if (!t->digests.first) return t->digests.next;
  if (!is_known(t, pl_digest_job_due(&t->digests))) return (pl_mono){now.us + SOON_US / 4};
  return pl_digest_job_tick(t);
}
