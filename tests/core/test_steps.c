/* Steps: what is done for everybody is done a few at a time; in the end it is as if it had been done at once.
 */
#include "base/random.h"
#include "scene.h"

enum { MOST_REPS = 700, MOST_TEAMS = 90, SEEDS = 40 };

static const char *const zones[] = {"UTC", "Asia/Kolkata", "America/New_York"};

static const char *id_of(char text[16], char kind, int i) {
  (void)snprintf(text, 16, "%c%d", kind, i);
  return text;
}

static void put_rep(pl_core *core, int i, const char *calendar) {
  char id[16];
  const pl_since zone = {PL_DAY_ALWAYS, pl_str_of(zones[i % 3])}, cal = {PL_DAY_ALWAYS, pl_str_of(calendar)};
  const pl_goal_fact goal = {.name = PL_STR("g"), .metric = PL_STR("calls"), .period = PL_DAY, .target = 5};
  const pl_str name = pl_str_of(id_of(id, 'r', i));
  pl_core_put_rep(
      core, &(pl_rep_fact){.id = name, .zones = &zone, .nzones = 1, .calendars = &cal, .ncalendars = 1});
  if (i % 4) (void)pl_core_put_goals(core, &(pl_goals_fact){name, false, &goal, 1}, NULL);
}

static void put_team(pl_core *core, int i, pl_random *r) {
  char id[16];
  const pl_team_fact fact = {.id = pl_str_of(id_of(id, 't', i))};
  const pl_goal_fact goal = {.name = PL_STR("g"), .metric = PL_STR("calls"), .period = PL_DAY, .target = 5};
  pl_teams_put(s.teams, &fact);
  pl_core_put_team(core, pl_teams_find(s.teams, fact.id));
  (void)pl_core_put_goals(core, &(pl_goals_fact){fact.id, true, &goal, 1}, NULL);
  pl_subject *team = pl_core_find(core, fact.id, true);
  if (i % 3)
    team->judged = (pl_wall){on(2, 0, 0).ms + pl_random_in(r, 0, 3 * 86400000LL)}; /* as its record says */
}

/* Lists of what is to be written differ in their order alone. */
static void expect_same(pl_core *a, pl_core *b, bool teams) {
  size_t n = 0;
  for (pl_map_slot *slot = NULL; (slot = pl_map_next(teams ? &a->teams : &a->reps, slot)); n++) {
    const pl_subject *x = slot->value, *y = pl_core_find(b, pl_subject_id(x), teams);
    assert_non_null(y);
    assert_true(x->begun == y->begun && x->dirty == y->dirty && x->touched_goals == y->touched_goals);
    assert_true(x->timer.at.ms == y->timer.at.ms && x->timer.place > 0 && y->timer.place > 0);
    assert_true(x->today == y->today && x->roll.ms == y->roll.ms && x->judged.ms == y->judged.ms);
    assert_int_equal(x->ngoals, y->ngoals);
    for (size_t g = 0; g < x->ngoals; g++)
      assert_true(x->goals[g].index == y->goals[g].index && x->goals[g].next.ms == y->goals[g].next.ms &&
                  x->goals[g].step == y->goals[g].step && x->goals[g].open == y->goals[g].open);
    const pl_past *p = x->pasts, *q = y->pasts;
    for (; p && q; p = p->next, q = q->next) assert_true(p->unit == q->unit && p->index == q->index);
    assert_true(!p && !q);
  }
  assert_int_equal(n, (teams ? &b->teams : &b->reps)->n);
  assert_int_equal(a->clock.ms, b->clock.ms);
  assert_int_equal(a->team_clock.ms, b->team_clock.ms);
}

static void written(pl_core *core) {
  for (pl_subject *one = pl_core_take_subjects(core), *after; one; one = after) {
    after = one->next_dirty;
    pl_subject_written(one);
  }
}

/* The same facts, some of them as late as in between; `steps`: with budgets drawn from the dice. */
static pl_core *make(uint64_t seed, bool steps) {
  pl_random r = pl_random_of(seed), dice = pl_random_of(seed + 1);
  pl_core *core = pl_core_new(&s.policy, s.almanac, s.teams, 0);
  int reps = (int)pl_random_in(&r, 1, MOST_REPS), late = (int)pl_random_in(&r, 0, MOST_REPS),
      teams = (int)pl_random_in(&r, 0, MOST_TEAMS);
  for (int i = 0; i < reps; i++) put_rep(core, i, "office");
  for (int i = 0; i < teams; i++) put_team(core, i, &r);
  pl_core_begin(core, pl_times_at(on(4, 9, 0)));
  for (size_t budget = 1; steps && !pl_core_advance(core, (pl_wall){on(4, 9, 0).ms - 1}, &budget);
       budget = (size_t)pl_random_in(&dice, 0, 3)) { /* the rest is put while they begin */
    if (late > 0 && pl_random_chance(&dice, 0.5)) put_rep(core, reps + --late, "office");
  }
  while (late > 0) put_rep(core, reps + --late, "office");
  (void)pl_core_advance(core, on(4, 9, 30), NULL);
  for (size_t budget = 0; steps && !pl_core_advance_teams(core, on(3, 0, 0), on(4, 9, 0), &budget);
       budget = (size_t)pl_random_in(&dice, 0, 3)) {}
  (void)pl_core_advance_teams(core, on(3, 0, 0), on(4, 9, 0), NULL);
  return core;
}

static void who_begins_in_steps_is_as_if_all_had_begun_at_once(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    pl_core *whole = make(seed, false), *steps = make(seed, true);
    expect_same(whole, steps, false), expect_same(whole, steps, true);
    pl_core_free(&whole), pl_core_free(&steps);
  }
}

/* The first instant of a day, so that nobody has the day before. */
static void a_team_that_is_put_again_before_it_has_begun_begins_no_sooner(void **state) {
  (void)state;
  pl_random r = pl_random_of(1);
  for (int i = 0; i < 3; i++) put_team(s.core, i, &r);
  const pl_subject *team = pl_core_find(s.core, PL_STR("t0"), true);
  start(on(6, 8, 0));
  size_t budget = 0;
  assert_false(pl_core_advance_teams(s.core, on(2, 0, 0), on(6, 8, 0), &budget));
  put_team(s.core, 0, &r);
  (void)pl_core_advance_teams(s.core, on(2, 0, 0), on(6, 8, 0), NULL);
  int32_t closed = pl_civil_day(2026, 3, 2);
  for (const pl_past *past = team->pasts; past; past = past->next)
    if (past->unit == PL_DAY) assert_int_equal(past->index, closed++);
  assert_int_equal(closed, pl_civil_day(2026, 3, 6));
}

static void all_views_change_when_what_is_known_is_late_and_again_when_that_turns_halfway(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    pl_random dice = pl_random_of(seed);
    pl_core *whole = make(seed, false), *steps = make(seed, false);
    written(whole), written(steps);
    (void)pl_core_set_stale(whole, false, true, NULL), (void)pl_core_set_stale(whole, true, true, NULL);
    size_t budget = (size_t)pl_random_in(&dice, 0, MOST_REPS);
    (void)pl_core_set_stale(steps, false, true, &budget);
    if (seed % 2) { /* it is fresh again, and late once more */
      budget = (size_t)pl_random_in(&dice, 0, MOST_REPS);
      (void)pl_core_set_stale(steps, false, false, &budget);
      written(steps);
    }
    for (budget = 1; !pl_core_set_stale(steps, false, true, &budget);
         budget = (size_t)pl_random_in(&dice, 1, 9)) {}
    for (budget = 1; !pl_core_set_stale(steps, true, true, &budget);
         budget = (size_t)pl_random_in(&dice, 1, 9)) {}
    expect_same(whole, steps, false), expect_same(whole, steps, true);
    pl_core_free(&whole), pl_core_free(&steps);
  }
}

/* One of them works at other hours than all others. */
static void the_one_who_worked_is_found_wherever_the_search_pauses(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    pl_random dice = pl_random_of(seed);
    pl_core *core = pl_core_new(&s.policy, s.almanac, s.teams, 0);
    int n = (int)pl_random_in(&dice, 1, MOST_REPS), who = (int)pl_random_in(&dice, 0, 2 * n);
    for (int i = 0; i < n; i++) put_rep(core, i, i == who ? "office" : "never");
    pl_core_begin(core, pl_times_at(on(4, 9, 0)));
    (void)pl_core_advance(core, on(4, 9, 0), NULL);
    size_t cursor = 0, all = 0, budget;
    bool whole = pl_core_worked(core, on(4, 0, 0), on(5, 0, 0), (pl_dur){3600000}, &all, NULL), found;
    do {
      budget = (size_t)pl_random_in(&dice, 1, 50);
      found = pl_core_worked(core, on(4, 0, 0), on(5, 0, 0), (pl_dur){3600000}, &cursor, &budget);
    } while (!found && cursor);
    assert_true(whole == (who < n) && found == whole && all == 0);
    pl_core_free(&core);
  }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(who_begins_in_steps_is_as_if_all_had_begun_at_once),
      TEST(a_team_that_is_put_again_before_it_has_begun_begins_no_sooner),
      TEST(all_views_change_when_what_is_known_is_late_and_again_when_that_turns_halfway),
      TEST(the_one_who_worked_is_found_wherever_the_search_pauses),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
