/* What one rep has been told, over a restart: of a process that died, and of facts that changed while nobody
 * ran. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "codec/record.h"
#include "core/told.h"
#include "core/world.h"
#include "paceline/period.h"

static world w;

/* As many calls a day, up to and with that day, from that one on; the day after has begun. */
static void work(pl_core *core, int32_t from, int32_t until, int calls) {
  for (int32_t day = from; day < until; day++) {
    pl_wall ten = pl_wall_s(day * INT64_C(86400) + 36000);
    for (int i = 0; i < calls; i++) {
      char id[24];
      (void)snprintf(id, sizeof id, "%d/%d", day, i);
      pl_event e = {.id = pl_str_of(id), .rep = PL_STR("r1"), .type = CALL, .at = ten};
      assert_int_equal(pl_core_apply(core, &e, ten, day * INT64_C(100) + i), PL_APPLIED);
    }
    pl_core_advance(core, pl_wall_s((day + 1) * INT64_C(86400)), NULL);
  }
}

static size_t slumps(pl_core *core) {
  static told heard;
  size_t n = 0;
  told_clear(&heard), told_take(&heard, core);
  for (size_t i = 0; i < heard.n; i++) n += heard.alerts[i].kind == PL_ALERT_SLUMP;
  return n;
}

static void a_slump_that_was_told_is_not_told_again_after_a_crash(void **state) {
  (void)state;
  enum { MONDAY = 20514 };
  pl_err err;
  world_make(&w, 1);
  pl_goal_fact goal = {.name = PL_STR("g"), .metric = PL_STR("calls"), .period = PL_WEEK, .target = 40};
  pl_since utc = {PL_DAY_ALWAYS, PL_STR("UTC")};
  pl_buf record;
  pl_buf_init(&record, 1 << 16);
  for (int32_t crash = MONDAY + 77; crash < MONDAY + 90; crash++) {
    size_t heard = 0;
    for (int run = 0; run < 2; run++) {
      pl_core *core = pl_core_new(&w.policy, w.almanac, w.teams, 0);
      pl_core_put_rep(core, &(pl_rep_fact){.id = PL_STR("r1"), .zones = &utc, .nzones = 1});
      pl_core_put_goals(core, &(pl_goals_fact){PL_STR("r1"), false, &goal, 1}, NULL);
      pl_subject *r1 = pl_core_find(core, PL_STR("r1"), false);
      if (run) assert_int_equal(pl_record_decode(r1, pl_buf_str(&record), &err), PL_OK);
      pl_core_begin(core, pl_times_at(pl_wall_s((run ? crash : MONDAY) * INT64_C(86400))));
      if (!run) work(core, MONDAY, MONDAY + 77, 10);
      work(core, run ? crash : MONDAY + 77, run ? MONDAY + 95 : crash, 2);
      heard += slumps(core);
      pl_buf_clear(&record);
      pl_record_encode(r1, &record);
      pl_core_free(&core);
    }
    assert_int_equal(heard, 1);
  }
  pl_buf_fini(&record);
  world_free(&w);
}

static void a_goal_that_changed_while_nobody_ran_is_told_under_a_new_id(void **state) {
  (void)state;
  pl_err err;
  world_make(&w, 1);
  pl_goal_fact goal = {.name = PL_STR("g"), .metric = PL_STR("calls"), .period = PL_WEEK, .target = 40};
  char ids[2][PL_ID_MAX];
  pl_buf record;
  pl_buf_init(&record, 1 << 16);
  for (int run = 0; run < 2; run++, goal.target = 90) {
    static told heard;
    pl_core *core = pl_core_new(&w.policy, w.almanac, w.teams, 0);
    pl_core_put_rep(core, &(pl_rep_fact){.id = PL_STR("r1")});
    pl_core_put_goals(core, &(pl_goals_fact){PL_STR("r1"), false, &goal, 1}, NULL);
    pl_subject *r1 = pl_core_find(core, PL_STR("r1"), false);
    if (run) assert_int_equal(pl_record_decode(r1, pl_buf_str(&record), &err), PL_OK);
    pl_core_begin(core, pl_times_at(pl_wall_s(run ? 1773302400 : 1773014400))); /* Monday, Thursday */
    pl_core_advance(core, pl_wall_s(run ? 1773410400 : 1773302400), NULL);
    pl_record_encode(r1, &record);
    told_clear(&heard), told_take(&heard, core);
    assert_int_equal(heard.n, 1 + run); /* who was told hears that it does not hold any more, first */
    if (run) {
      assert_int_equal(heard.alerts[0].kind, PL_ALERT_RECOVERED);
      assert_string_equal(heard.alerts[0].reason, "goal_changed");
      assert_string_equal(heard.alerts[0].about, ids[0]);
    }
    assert_int_equal(heard.alerts[run].kind, PL_ALERT_BEHIND);
    memcpy(ids[run], heard.alerts[run].id, sizeof heard.alerts[run].id);
    pl_core_free(&core);
  }
  assert_string_not_equal(ids[0], ids[1]);
  pl_buf_fini(&record);
  world_free(&w);
}

/* Starts with a record, or (NULL) without, lives until `upto`, and writes the record; what was told. */
static const told *live_once(pl_buf *record, bool first, const pl_goals_fact *fact, int64_t clock,
                             int64_t upto) {
  static told heard;
  pl_err err;
  pl_core *core = pl_core_new(&w.policy, w.almanac, w.teams, 0);
  pl_core_put_rep(core, &(pl_rep_fact){.id = PL_STR("r1")});
  assert_int_equal(pl_core_put_goals(core, fact, &err), 0);
  pl_subject *r1 = pl_core_find(core, PL_STR("r1"), false);
  if (!first) assert_int_equal(pl_record_decode(r1, pl_buf_str(record), &err), PL_OK);
  pl_core_begin(core, pl_times_at(pl_wall_s(clock)));
  pl_core_advance(core, pl_wall_s(upto), NULL);
  pl_buf_clear(record);
  pl_record_encode(r1, record);
  told_clear(&heard), told_take(&heard, core);
  pl_core_free(&core);
  return &heard;
}

static void a_goal_that_was_taken_back_while_nobody_ran_is_closed_once(void **state) {
  (void)state;
  const int64_t monday = 1773014400, thursday = 1773302400, friday = 1773388800;
  world_make(&w, 1);
  w.policy.alerts.silent_after = (pl_work){0};
  pl_goal_fact goal = {.name = PL_STR("g"), .metric = PL_STR("calls"), .period = PL_WEEK, .target = 40};
  const pl_goals_fact with = {PL_STR("r1"), false, &goal, 1}, without = {PL_STR("r1"), false, NULL, 0};
  pl_buf record;
  pl_buf_init(&record, 1 << 16);
  const told *heard = live_once(&record, true, &with, monday, thursday);
  assert_int_equal(heard->n, 1);
  char behind[PL_ALERT_ID_MAX];
  memcpy(behind, heard->alerts[0].id, sizeof behind);
  heard = live_once(&record, false, &without, thursday, thursday + 60);
  assert_int_equal(heard->n, 1);
  assert_int_equal(heard->alerts[0].kind, PL_ALERT_RECOVERED);
  assert_string_equal(heard->alerts[0].reason, "goal_changed");
  assert_string_equal(heard->alerts[0].about, behind);
  assert_true(heard->alerts[0].figures.target == 40);
  assert_int_equal(live_once(&record, false, &without, thursday + 60, friday)->n, 0);
  pl_buf_fini(&record);
  world_free(&w);
}

static void a_version_that_began_while_nobody_ran_counts_from_its_midnight(void **state) {
  (void)state;
  const int64_t monday = 1773014400, wednesday = monday + 2 * 86400, friday = monday + 4 * 86400 + 43200;
  world_make(&w, 1);
  w.policy.alerts.silent_after = (pl_work){0};
  const int32_t thursday = (int32_t)(monday / 86400) + 3;
  const pl_goal_fact goals[] = {
      {.name = PL_STR("g"), .metric = PL_STR("calls"), .period = PL_WEEK, .target = 40},
      {.name = PL_STR("g"), .metric = PL_STR("calls"), .period = PL_WEEK, .target = 60, .from = thursday}};
  const pl_goals_fact fact = {PL_STR("r1"), false, goals, 2};
  pl_buf record;
  pl_buf_init(&record, 1 << 16);
  told whole = *live_once(&record, true, &fact, monday, friday);
  (void)live_once(&record, true, &fact, monday, wednesday);
  assert_int_equal(whole.n, 3); /* behind, recovered, behind */
  const told *rest = live_once(&record, false, &fact, wednesday, friday);
  assert_int_equal(rest->n, 2);
  for (size_t i = 0; i < 2; i++) {
    assert_string_equal(rest->alerts[i].id, whole.alerts[1 + i].id);
    assert_true(rest->alerts[i].at.ms == whole.alerts[1 + i].at.ms);
  }
  assert_string_equal(rest->alerts[0].reason, "goal_changed");
  pl_buf_fini(&record);
  world_free(&w);
}

static void adjust(pl_core *core, int64_t offset, int calls, int64_t stamp) {
  char id[8];
  (void)snprintf(id, sizeof id, "a%d", (int)offset);
  pl_event e = {.id = pl_str_of(id), .rep = PL_STR("r1"), .type = PL_TYPE_ADJUSTMENT, .at = pl_wall_s(stamp)};
  e.metric = PL_STR("calls"), e.amount = (pl_value){.kind = PL_INT, .i = calls};
  pl_reason reason = pl_core_apply(core, &e, e.at, offset);
  assert_true(reason == PL_APPLIED || reason == PL_SKIPPED);
}

static void hear(pl_core *core, int64_t offset, int64_t upto) {
  assert_true(pl_core_heartbeat(core, PL_STR("crm"), pl_wall_s(upto), pl_wall_s(upto), offset));
}

/* What comes in while a source holds the clock is judged when it goes on, not where it stands. A record that
 * was written meanwhile is ahead of the mark, and its clock comes there again. */
static void who_was_behind_only_while_a_source_held_the_clock_is_not_told_so_by_a_crash(void **state) {
  (void)state;
  const int64_t monday = 1773014400, noon = monday + 3 * 86400 + 43200, later = noon + 3600;
  static const char *const sources[] = {"crm"};
  pl_err err;
  world_make(&w, 1);
  w.policy.sources = sources, w.policy.nsources = 1, w.policy.source_delay = (pl_dur){0};
  w.policy.alerts = (pl_alert_def){.enter = 0.2, .leave = 0.4};
  const pl_goal_fact goal = {.name = PL_STR("g"), .metric = PL_STR("calls"), .period = PL_WEEK, .target = 40};
  const pl_since utc = {PL_DAY_ALWAYS, PL_STR("UTC")};
  pl_buf record;
  pl_buf_init(&record, 1 << 16);
  for (int run = 0; run < 2; run++) {
    static told heard;
    pl_core *core = pl_core_new(&w.policy, w.almanac, w.teams, 0);
    pl_core_put_rep(core, &(pl_rep_fact){.id = PL_STR("r1"), .zones = &utc, .nzones = 1});
    pl_core_put_goals(core, &(pl_goals_fact){PL_STR("r1"), false, &goal, 1}, NULL);
    pl_subject *r1 = pl_core_find(core, PL_STR("r1"), false);
    if (run) assert_int_equal(pl_record_decode(r1, pl_buf_str(&record), &err), PL_OK);
    pl_core_begin(core, pl_times_at(pl_wall_s(monday)));
    hear(core, 0, monday + 1);
    adjust(core, 1, 38, monday + 1);
    hear(core, 2, noon);
    adjust(core, 3, 0, noon + 1); /* the clock is at noon */
    assert_int_equal(pl_core_times(core).clock.ms, noon * 1000);
    adjust(core, 4, -38, noon + 2);
    assert_int_equal(r1->goals[0].next.ms, noon * 1000);
    if (!run) pl_record_encode(r1, &record);
    adjust(core, 5, 38, noon + 3);
    hear(core, 6, later);
    adjust(core, 7, 0, later + 1);
    assert_int_equal(pl_core_times(core).clock.ms, later * 1000);
    told_clear(&heard), told_take(&heard, core);
    assert_int_equal(heard.n, 0);
    pl_core_free(&core);
  }
  pl_buf_fini(&record);
  world_free(&w);
}

/* Before a replayed record the clock may stand a moment earlier than it did: nobody has told it to go on. */
static void silence_counts_from_the_word_that_asked_for_it_not_from_where_the_clock_was(void **state) {
  (void)state;
  const int64_t ten = 1773014400 + 36000;
  const pl_goal_word word = {
      .name = PL_STR("mine"), .metric = PL_STR("calls"), .period = PL_WEEK, .target = 40};
  int64_t silent_at[2];
  world_make(&w, 1);
  w.policy.source_delay = (pl_dur){0}, w.policy.alerts.silent_after = (pl_work){.seconds = 3600};
  for (int run = 0; run < 2; run++) {
    pl_core *core = pl_core_new(&w.policy, w.almanac, w.teams, 0);
    pl_core_put_rep(core, &(pl_rep_fact){.id = PL_STR("r1")});
    pl_core_begin(core, pl_times_at(pl_wall_s(ten - 60)));
    for (int i = 0; i < 2; i++) {
      pl_event e = {.id = pl_str_of(i ? "b" : "a"), .rep = PL_STR("r1"), .at = pl_wall_s(ten + i)};
      e.type = i ? PL_TYPE_GOAL_AGREED : PL_TYPE_GOAL_PROPOSED, e.goal = &word;
      if (run) pl_core_advance(core, e.at, NULL);
      assert_int_equal(pl_core_apply(core, &e, e.at, i), PL_APPLIED);
    }
    const pl_subject *r1 = pl_core_find(core, PL_STR("r1"), false);
    assert_int_equal(r1->habit.from.ms, (ten + 1) * 1000);
    silent_at[run] = pl_habit_silent_at(r1);
    pl_core_free(&core);
  }
  assert_int_equal(silent_at[0], silent_at[1]);
  world_free(&w);
}

/* It names an alert that nobody had been told when it came: whoever guesses is not heard a second time. */
static void an_answer_that_came_too_early_is_none_either_when_a_replay_brings_it_again(void **state) {
  (void)state;
  const int64_t monday = 1773014400, ten = monday + 36000, wednesday = monday + 2 * 86400;
  const pl_goal_fact goal = {.name = PL_STR("g"), .metric = PL_STR("calls"), .period = PL_WEEK, .target = 40};
  const pl_since utc = {PL_DAY_ALWAYS, PL_STR("UTC")};
  pl_err err;
  world_make(&w, 1);
  char alert[PL_ALERT_ID_MAX];
  pl_alert_id(alert, false, PL_STR("r1"), PL_STR("g"), PL_ALERT_BEHIND, PL_WEEK,
              pl_period_of(PL_WEEK, (int32_t)(monday / 86400)), 1);
  const pl_answer_word word = {pl_str_of(alert), PL_STR("Because."), PL_STR("")};
  pl_event early = {.id = PL_STR("a"), .rep = PL_STR("r1"), .type = PL_TYPE_ANSWER, .at = pl_wall_s(ten)};
  pl_event later = {.id = PL_STR("b"), .rep = PL_STR("r1"), .type = PL_TYPE_ANSWER};
  early.answer = later.answer = &word, later.at = pl_wall_s(wednesday);
  pl_buf record;
  pl_buf_init(&record, 1 << 16);
  for (int run = 0; run < 2; run++) {
    pl_core *core = pl_core_new(&w.policy, w.almanac, w.teams, 0);
    pl_core_put_rep(core, &(pl_rep_fact){.id = PL_STR("r1"), .zones = &utc, .nzones = 1});
    pl_core_put_goals(core, &(pl_goals_fact){PL_STR("r1"), false, &goal, 1}, NULL);
    pl_subject *r1 = pl_core_find(core, PL_STR("r1"), false);
    if (run) assert_int_equal(pl_record_decode(r1, pl_buf_str(&record), &err), PL_OK);
    pl_core_begin(core, pl_times_at(pl_wall_s(monday)));
    assert_int_equal(pl_core_apply(core, &early, early.at, 7), PL_NO_ALERT);
    pl_core_advance(core, pl_wall_s(wednesday - 3600), NULL);
    assert_true(pl_goal_told(&r1->goals[0]));
    pl_record_encode(r1, &record);
    if (run) assert_int_equal(pl_core_apply(core, &later, later.at, 8), PL_APPLIED);
    pl_core_free(&core);
  }
  pl_buf_fini(&record);
  world_free(&w);
}

/* At most two calls a week: the third is missed at once, which the manager hears, too; a process dies; and
 * the third one was none. */
static void a_miss_that_is_taken_back_after_a_crash_is_so_to_the_manager_too(void **state) {
  (void)state;
  const int64_t nine = 1773014400 + 32460, morrow = nine + 86400;
  const pl_goal_fact most = {.name = PL_STR("g"),
                             .metric = PL_STR("calls"),
                             .period = PL_WEEK,
                             .target = 2,
                             .lower_is_better = true};
  const pl_since utc = {PL_DAY_ALWAYS, PL_STR("UTC")}, north = {PL_DAY_ALWAYS, PL_STR("north")};
  pl_err err;
  world_make(&w, 1);
  pl_teams_put(w.teams, &(pl_team_fact){.id = PL_STR("north"), .manager = PL_STR("nils")});
  w.policy.alerts.turn = PL_TURN_NOW;
  pl_buf record;
  pl_buf_init(&record, 1 << 16);
  for (int run = 0; run < 2; run++) {
    static told heard;
    pl_core *core = pl_core_new(&w.policy, w.almanac, w.teams, 0);
    pl_core_put_rep(
        core, &(pl_rep_fact){
                  .id = PL_STR("r1"), .zones = &utc, .nzones = 1, .memberships = &north, .nmemberships = 1});
    pl_core_put_goals(core, &(pl_goals_fact){PL_STR("r1"), false, &most, 1}, NULL);
    pl_subject *r1 = pl_core_find(core, PL_STR("r1"), false);
    if (run) assert_int_equal(pl_record_decode(r1, pl_buf_str(&record), &err), PL_OK);
    pl_core_begin(core, pl_times_at(pl_wall_s(run ? morrow : nine - 60)));
    for (int i = 0; i < (run ? 0 : 3); i++) {
      pl_event e = {.id = pl_str_of((const char *[]){"a", "b", "c"}[i]), .rep = PL_STR("r1"), .type = CALL};
      e.at = pl_wall_s(i < 2 ? nine : morrow);
      assert_int_equal(pl_core_apply(core, &e, e.at, i), PL_APPLIED);
    }
    pl_event back = {.id = PL_STR("d"), .rep = PL_STR("r1"), .type = CALL, .retracts = PL_STR("c")};
    back.at = pl_wall_s(morrow);
    if (run) assert_int_equal(pl_core_apply(core, &back, pl_wall_s(morrow + 60), 3), PL_APPLIED);
    pl_record_encode(r1, &record);
    told_clear(&heard), told_take(&heard, core);
    assert_int_equal(heard.n, run ? 2 : 4); /* behind and goal_missed; recovered: each to both */
    assert_int_equal(heard.alerts[heard.n - 1].kind, run ? PL_ALERT_RECOVERED : PL_ALERT_GOAL_MISSED);
    assert_string_equal(heard.alerts[heard.n - 1].recipient, "nils");
    pl_core_free(&core);
  }
  pl_buf_fini(&record);
  world_free(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_slump_that_was_told_is_not_told_again_after_a_crash),
      cmocka_unit_test(a_goal_that_changed_while_nobody_ran_is_told_under_a_new_id),
      cmocka_unit_test(a_goal_that_was_taken_back_while_nobody_ran_is_closed_once),
      cmocka_unit_test(a_version_that_began_while_nobody_ran_counts_from_its_midnight),
      cmocka_unit_test(who_was_behind_only_while_a_source_held_the_clock_is_not_told_so_by_a_crash),
      cmocka_unit_test(an_answer_that_came_too_early_is_none_either_when_a_replay_brings_it_again),
      cmocka_unit_test(a_miss_that_is_taken_back_after_a_crash_is_so_to_the_manager_too),
      cmocka_unit_test(silence_counts_from_the_word_that_asked_for_it_not_from_where_the_clock_was),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
