#include "cli/census.h"

#include "base/map.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "core/almanac.h"
#include "engine/facts.h"

enum { SCRATCH_MAX = 1 << 20 };
static const size_t FACTS_MAX = (size_t)4 << 30;

struct pl_census {
  const pl_config *config;
  pl_readers *readers;
  int32_t partitions;
  pl_almanac *almanac;
  pl_teams *teams;
  pl_map by_id;       /* id -> pl_person */
  pl_person **people; /* the same, in the order in which they came */
  size_t n, room;
  pl_arena *facts, *scratch; /* texts and lists of all facts; those of one record */
};

/* --- facts */

static pl_str keep(pl_census *c, pl_str s) { return (pl_str){pl_arena_text(c->facts, s.p, s.n), s.n}; }

static const pl_since *keep_list(pl_census *c, const pl_since *from, size_t n) {
  pl_since *list = pl_arena_alloc(c->facts, (n + 1) * sizeof *list);
  for (size_t i = 0; i < n; i++) list[i] = (pl_since){from[i].from, keep(c, from[i].what)};
  return list;
}

pl_person *pl_census_find(pl_census *c, pl_str id) { return pl_map_find(&c->by_id, id); }

pl_person *pl_census_add(pl_census *c, pl_str id) {
  void **place = pl_map_put(&c->by_id, id);
  if (*place) return *place;
  if (c->n == c->room) {
    size_t room = c->room ? 2 * c->room : 256;
    c->people = pl_resize(c->people, c->room * sizeof(pl_person *), room * sizeof(pl_person *));
    c->room = room;
  }
  pl_person *person = c->people[c->n++] = *place = pl_arena_alloc(c->facts, sizeof *person);
  person->fact.id = keep(c, id), person->home = pl_census_home(c, id);
  return person;
}

static void put(pl_census *c, const pl_rep_fact *fact) {
  pl_person *person = pl_census_add(c, fact->id);
  person->known = true;
  person->fact = (pl_rep_fact){.id = person->fact.id,
                               .erased = fact->erased,
                               .recognition_off = fact->recognition_off,
                               .memberships = keep_list(c, fact->memberships, fact->nmemberships),
                               .zones = keep_list(c, fact->zones, fact->nzones),
                               .calendars = keep_list(c, fact->calendars, fact->ncalendars),
                               .nmemberships = fact->nmemberships,
                               .nzones = fact->nzones,
                               .ncalendars = fact->ncalendars};
}

void pl_census_rep(pl_census *c, pl_str value) {
  pl_rep_fact fact = {0};
  pl_arena_reset(c->scratch);
  if (value.p && pl_readers_rep(c->readers, value, c->scratch, &fact, NULL) == PL_APPLIED) put(c, &fact);
}

void pl_census_team(pl_census *c, pl_str key, pl_str value) {
  pl_team_fact fact = {.id = key, .removed = !value.p};
  if (!value.p || pl_readers_team(c->readers, value, &fact, NULL) == PL_APPLIED)
    pl_teams_put(c->teams, &fact);
}

size_t pl_census_people(const pl_census *c, pl_person ***out) {
  *out = c->people;
  return c->n;
}

const pl_teams *pl_census_teams(const pl_census *c) { return c->teams; }
pl_almanac *pl_census_almanac(const pl_census *c) { return c->almanac; }

int32_t pl_census_home(const pl_census *c, pl_str id) {
  return pl_kafka_home(id, c->partitions, c->config->kafka.partitioner == PL_PARTITIONER_CRC32);
}

/* --- days */

static pl_str since(const pl_since *list, size_t n, int32_t day) {
  pl_str what = {0};
  for (size_t i = 0; i < n && list[i].from <= day; i++) what = list[i].what;
  return what;
}

pl_str pl_person_team(const pl_person *p, int32_t day) {
  return since(p->fact.memberships, p->fact.nmemberships, day);
}

/* Of whom no zone is told: the team's, then that of the calendar, then the default. */
static const pl_zone *usual_zone(const pl_census *c, const pl_team *team, pl_str calendar) {
  const pl_policy *policy = &c->config->policy;
  int at = calendar.n ? pl_policy_calendar(policy, calendar) : -1;
  if (at < 0 && team) at = pl_policy_calendar(policy, pl_str_of(team->calendar));
  const char *name = team && *team->zone ? team->zone : policy->calendars[at < 0 ? 0 : at].zone;
  const pl_zone *zone = name ? pl_almanac_zone(c->almanac, pl_str_of(name)) : NULL;
  return zone ? zone : pl_almanac_default_zone(c->almanac);
}

const pl_zone *pl_census_team_zone(const pl_census *c, const pl_team *team) {
  return usual_zone(c, team, (pl_str){0});
}

const pl_zone *pl_census_zone(const pl_census *c, const pl_person *p, pl_wall at) {
  const pl_zone *zone = NULL;
  for (size_t i = p->fact.nzones; i-- > 0;) { /* a change begins at midnight in the zone that it brings */
    const pl_since *change = &p->fact.zones[i];
    zone = pl_almanac_zone(c->almanac, change->what);
    bool begun =
        zone && (change->from == PL_DAY_ALWAYS || pl_seconds(at) >= pl_zone_instant(zone, change->from, 0));
    if (begun || (zone && i == 0 && p->fact.nzones > 1)) return zone;
  }
  int32_t day = (int32_t)pl_floor_div(at.ms, 86400000);
  for (int round = 0; round < 2; round++) { /* the day decides the zone, and the zone the day */
    pl_str team = pl_person_team(p, day);
    zone = usual_zone(c, team.n ? pl_teams_find(c->teams, team) : NULL,
                      since(p->fact.calendars, p->fact.ncalendars, day));
    day = pl_zone_day(zone, pl_seconds(at));
  }
  return zone;
}

int32_t pl_census_day(const pl_census *c, const pl_person *p, pl_wall at) {
  return pl_zone_day(pl_census_zone(c, p, at), pl_seconds(at));
}

/* --- life */

pl_status pl_census_new(pl_census **out, const pl_config *config, pl_readers *readers, int32_t partitions,
                        pl_err *err) {
  pl_census *c = *out = PL_NEW(pl_census);
  const pl_policy *policy = &config->policy;
  c->config = config, c->readers = readers, c->partitions = partitions;
  c->facts = pl_arena_new(FACTS_MAX), c->scratch = pl_arena_new(SCRATCH_MAX);
  c->teams = pl_facts_teams(policy);
  for (size_t i = 0; i < policy->nreps; i++) put(c, &policy->reps[i]);
  return pl_almanac_new(&c->almanac, policy, pl_cli_zone, NULL, err);
}

void pl_census_free(pl_census **census) {
  pl_census *c = *census;
  if (!c) return;
  pl_almanac_free(&c->almanac);
  pl_teams_free(&c->teams);
  pl_map_fini(&c->by_id);
  pl_release(c->people, c->room * sizeof(pl_person *));
  pl_arena_free(&c->facts), pl_arena_free(&c->scratch);
  PL_FREE(*census);
}
