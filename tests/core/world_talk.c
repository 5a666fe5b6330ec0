/* The talk of a world: who leads whom, what is told again and to whom, and what reps answer. */
#include "core/world.h"
#include "paceline/period.h"

static const int32_t HOUR_S = 3600;

void world_goal_name(char out[GOAL_NAME_MAX], const pl_goal_fact *goal, const pl_milestone *stone) {
  char share[16];
  if (stone && stone->at) {
    (void)snprintf(share, sizeof share, "%.2f", stone->at / 100.0);
    for (size_t n = strlen(share); share[n - 1] == '0' || share[n - 1] == '.'; n--) {
      bool point = share[n - 1] == '.';
      share[n - 1] = 0;
      if (point) break;
    }
    (void)snprintf(out, GOAL_NAME_MAX, "%s@%s%%", goal->name.p, share);
  } else if (stone) {
    (void)snprintf(out, GOAL_NAME_MAX, "%s@%02d:%02d", goal->name.p, stone->of_day / 3600,
                   stone->of_day / 60 % 60);
  } else {
    (void)snprintf(out, GOAL_NAME_MAX, "%s", goal->name.p);
  }
}

static pl_str one_of(pl_random *r, const char *const *names, size_t n) {
  return pl_str_of(names[pl_random_in(r, 0, (int64_t)n - 1)]);
}

/* Some lead the team that they are in, some teams go round in a circle, some lie below one that nobody has
 * written down. */
static void make_chart(world *w, pl_random *r) {
  static const char *const names[] = {"north", "south", "all"};
  static const char *const leaders[] = {"", "boss", "r1", "r2", "r1"}, *const above[] = {"all", "", "south",
                                                                                         "north", "nowhere"};
  for (size_t i = 0; i < PL_COUNT(w->chart); i++) {
    w->chart[i] = (pl_team_fact){.id = pl_str_of(names[i]),
                                 .name = pl_str_of(names[i]),
                                 .manager = one_of(r, leaders, PL_COUNT(leaders)),
                                 .parent = one_of(r, above, PL_COUNT(above))};
    pl_teams_put(w->teams, &w->chart[i]);
  }
}

static void make_rules(pl_alert_def *alerts, pl_random *r) {
  static const pl_turn turns[] = {PL_TURN_NEVER, PL_TURN_NOW,    PL_TURN_AFTER,
                                  PL_TURN_AFTER, PL_TURN_DIGEST, PL_TURN_DIGEST};
  alerts->turn = turns[pl_random_in(r, 0, PL_COUNT(turns) - 1)];
  alerts->turn_after = (pl_work){.seconds = (int32_t)pl_random_in(r, 1, 6 * HOUR_S)};
  if (pl_random_chance(r, 0.2)) alerts->turn_after = (pl_work){.days = (int32_t)pl_random_in(r, 1, 2)};
  if (pl_random_chance(r, 0.3))
    alerts->repeat = (pl_work){.seconds = (int32_t)pl_random_in(r, HOUR_S / 2, 12 * HOUR_S)};
  else if (pl_random_chance(r, 0.5))
    alerts->repeat = (pl_work){.days = (int32_t)pl_random_in(r, 1, 3)};
}

/* To one of the rep's goals: that it is behind may have been told, or not yet, or not any more. */
static void answer(const world *w, pl_random *r, world_record *rec) {
  static char longer[PL_FIELD_MAX + 2];
  const world_rep *rep = NULL;
  for (size_t i = 0; i < w->nreps; i++)
    if (strcmp(w->reps[i].id, rec->rep) == 0) rep = &w->reps[i];
  rec->event.type = PL_TYPE_ANSWER, rec->event.retracts = (pl_str){0}, rec->retracts[0] = 0;
  memset(rec->event.fields, 0, sizeof rec->event.fields);
  memset(longer, 'x', sizeof longer - 1);
  (void)snprintf(rec->because, sizeof rec->because, "because of %d", (int)rec->offset);
  if (pl_random_chance(r, 0.7)) (void)snprintf(rec->plan, sizeof rec->plan, "plan %d", (int)rec->offset);
  (void)snprintf(rec->alert, sizeof rec->alert, "%d", (int)rec->offset);
  if (rep && rep->goals_fact.n && pl_random_chance(r, 0.95)) {
    const pl_goal_fact *goal = &rep->goals[pl_random_in(r, 0, (int64_t)rep->goals_fact.n - 1)];
    size_t stone = (size_t)pl_random_in(r, 0, (int64_t)goal->nmilestones);
    char name[GOAL_NAME_MAX];
    world_goal_name(name, goal, stone ? &goal->milestones[stone - 1] : NULL);
    const pl_zone *zone = pl_almanac_zone(w->almanac, rep->zone.what);
    int32_t today = pl_zone_day(zone, pl_floor_div(rec->stamp.ms, 1000));
    int32_t index = pl_fiscal_period(&w->policy.fiscal, goal->period, today);
    if (pl_random_chance(r, 0.05)) index--;
    pl_alert_id(rec->alert, false, pl_str_of(rep->id), pl_str_of(name), PL_ALERT_BEHIND, goal->period, index,
                pl_random_chance(r, 0.7) ? 1 : (uint32_t)pl_random_in(r, 2, 4));
  }
  rec->answer = (pl_answer_word){pl_str_of(rec->alert), pl_str_of(rec->because), pl_str_of(rec->plan)};
  if (pl_random_chance(r, 0.02)) rec->answer.plan = pl_str_of(longer);
  rec->event.answer = &rec->answer;
}

void world_add_talk(world *w) {
  pl_random r = pl_random_of(w->seed + 31);
  make_chart(w, &r);
  make_rules(&w->policy.alerts, &r);
  double share = 0.15 * pl_random_share(&r);
  for (size_t i = 0; i < w->n; i++)
    if (pl_random_chance(&r, share)) answer(w, &r, &w->records[i]);
}
