#include "core/shape.h"

static uint64_t dated(const pl_since *all, size_t n, uint64_t h) {
  h = pl_hash_int((int64_t)n, h);
  for (size_t i = 0; i < n; i++) h = pl_hash_text(all[i].what, pl_hash_int(all[i].from, h));
  return h;
}

uint64_t pl_shape_fact(const pl_rep_fact *f) {
  uint64_t h = pl_hash_int(f->erased + 2 * f->recognition_off, pl_hash_text(f->name, 0));
  h = dated(f->memberships, f->nmemberships, h);
  h = dated(f->zones, f->nzones, h);
  h = dated(f->calendars, f->ncalendars, h);
  for (size_t i = 0; i < f->ntime_off; i++)
    h = pl_hash_int(f->time_off[i].from, pl_hash_int(f->time_off[i].until, h));
  return h;
}

/* In any order: words on goals come back from the record behind those that the roster's goals were. */
uint64_t pl_shape_agreed(const pl_subject *s) {
  uint64_t h = 0;
  for (size_t i = 0; i < s->nversions; i++) {
    const pl_goal *g = &s->goals[i];
    const char *const texts[] = {g->name, g->plan, g->parent};
    uint64_t one = g->version;
    for (size_t k = 0; k < PL_COUNT(texts) && g->version; k++) one = pl_hash_text(pl_str_of(texts[k]), one);
    h += one;
  }
  return h;
}

uint64_t pl_shape_of(const pl_subject *s) {
  const pl_core *core = s->core;
  if (s->is_team || !core->policy->fingerprint) return 0;
  uint64_t h = pl_hash_int((int64_t)s->agreed, pl_hash_int((int64_t)s->fact, core->policy->fingerprint));
  for (size_t i = 0; i < s->memberships.n; i++) {
    const pl_team *team = pl_teams_find(core->directory, pl_str_of(s->memberships.items[i].what));
    if (team) h = pl_hash_text(pl_str_of(team->calendar), pl_hash_text(pl_str_of(team->zone), h));
  }
  return h;
}
