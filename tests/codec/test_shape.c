/* What a takeover writes anew: nothing that stands in Redis as it would be written, everything that does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "codec/record.h"
#include "core/world.h"

enum { MONDAY = 20514, OFFSET = 7 };

/* All that can be said of a rep but by events. */
typedef struct {
  pl_since team, zone, calendar;
  pl_leave leave;
  pl_milestone half;
  pl_goal_fact goal;
  pl_goals_fact goals;
  pl_rep_fact rep;
  pl_team_fact about_team;
  uint64_t fingerprint;
} facts;

static world w;
static pl_buf recorded; /* as it was recorded last */

static pl_wall at(int hour, int minute) {
  return pl_wall_s((MONDAY * INT64_C(24) + hour) * 3600 + INT64_C(60) * minute);
}

static void say(facts *f) {
  *f = (facts){.team = {PL_DAY_ALWAYS, PL_STR("t1")},
               .zone = {PL_DAY_ALWAYS, PL_STR("UTC")},
               .calendar = {PL_DAY_ALWAYS, PL_STR("office")},
               .leave = {(MONDAY + 9) * INT64_C(86400), (MONDAY + 10) * INT64_C(86400)},
               .half = {.at = 5000, .share = 5000},
               .about_team = {.id = PL_STR("t1"), .zone = PL_STR("UTC"), .calendar = PL_STR("office")},
               .fingerprint = 1};
  f->goal = (pl_goal_fact){.name = PL_STR("g"),
                           .metric = PL_STR("calls"),
                           .parent = PL_STR("all"),
                           .plan = PL_STR("before lunch"),
                           .period = PL_WEEK,
                           .target = 40,
                           .milestones = &f->half,
                           .nmilestones = 1};
  f->goals = (pl_goals_fact){PL_STR("r1"), false, &f->goal, 1};
  f->rep = (pl_rep_fact){.id = PL_STR("r1"),
                         .name = PL_STR("R One"),
                         .memberships = &f->team,
                         .nmemberships = 1,
                         .zones = &f->zone,
                         .nzones = 1,
                         .calendars = &f->calendar,
                         .ncalendars = 1,
                         .time_off = &f->leave,
                         .ntime_off = 1};
}

static pl_core *learn(const facts *f, pl_str record) {
  pl_err err = {""};
  w.policy.fingerprint = f->fingerprint;
  pl_teams_put(w.teams, &f->about_team);
  pl_core *core = pl_core_new(&w.policy, w.almanac, w.teams, 0);
  pl_core_put_rep(core, &f->rep);
  assert_int_equal(pl_core_put_goals(core, &f->goals, &err), 0);
  pl_subject *r1 = pl_core_find(core, PL_STR("r1"), false);
  if (record.n) assert_int_equal(pl_record_decode(r1, record, &err), PL_OK);
  return core;
}

static void written(pl_core *core) {
  for (pl_subject *s = pl_core_take_subjects(core), *next; s; s = next) {
    next = s->next_dirty;
    pl_subject_written(s);
  }
  for (pl_share *share = pl_core_take_shares(core); share; share = share->next_dirty) share->dirty = false;
}

static pl_reason call(pl_core *core, pl_str id, int64_t offset) {
  const pl_event e = {.id = id, .rep = PL_STR("r1"), .type = CALL, .at = at(10, 0)};
  return pl_core_apply(core, &e, at(10, 0), offset);
}

static void record_now(pl_core *core) {
  written(core);
  pl_buf_clear(&recorded);
  pl_record_encode(pl_core_find(core, PL_STR("r1"), false), &recorded);
}

/* A morning under these facts, written down as it was at its end; what is known may be late, or have been
 * until just now, with views that still say so. */
static void record_when(bool late, bool was) {
  facts f;
  say(&f);
  pl_core *core = learn(&f, (pl_str){0});
  pl_core_begin(core, pl_times_at(at(8, 0)));
  pl_core_advance(core, at(8, 0), NULL);
  assert_int_equal(call(core, PL_STR("e1"), OFFSET), PL_APPLIED);
  size_t none = 0;
  if (late || was) (void)pl_core_set_stale(core, false, true, NULL);
  if (was) assert_false(pl_core_set_stale(core, false, false, &none));
  record_now(core);
  pl_core_free(&core);
}

static void record(bool late) { record_when(late, false); }

enum { NOTHING, VIEW = 1, PART = 2 };

static int dirty(const pl_core *core) {
  return (core->dirty_subjects ? VIEW : 0) | (core->dirty_shares ? PART : 0);
}

/* What is written anew by who takes over from the mark at `clock`. */
static int anew(const facts *f, pl_wall clock) {
  pl_core *core = learn(f, pl_buf_str(&recorded));
  pl_core_begin(core, pl_times_at(clock));
  pl_core_advance(core, (pl_wall){clock.ms}, NULL);
  int what = dirty(core);
  written(core);
  pl_core_free(&core);
  return what;
}

static void what_stands_as_it_would_be_written_is_not_written_anew(void **state) {
  (void)state;
  facts f;
  say(&f);
  record(false);
  assert_int_equal(anew(&f, at(10, 0)), NOTHING);
}

/* Redis was emptied before they had begun, so their view went with what stood there. */
static void a_rep_who_had_not_begun_when_everything_was_to_be_written_is_written_when_they_do(void **state) {
  (void)state;
  facts f;
  say(&f);
  record(false);
  pl_core *core = learn(&f, pl_buf_str(&recorded));
  pl_core_begin(core, pl_times_at(at(10, 0)));
  pl_core_touch_all(core);
  assert_false(pl_core_find(core, PL_STR("r1"), false)->begun);
  written(core);
  pl_core_advance(core, at(10, 0), NULL);
  assert_true(pl_core_find(core, PL_STR("r1"), false)->begun);
  assert_int_equal(dirty(core), VIEW | PART);
  written(core);
  pl_core_free(&core);
}

static void what_was_never_written_is(void **state) {
  (void)state;
  facts f;
  say(&f);
  assert_int_equal(anew(&f, at(10, 0)), VIEW | PART);
}

static void whatever_fact_has_changed_is_written_anew(void **state) {
  (void)state;
  enum { CHANGES = 19 };
  record(false);
  const pl_line bent = {.n = 1, .points = {{5000, 4000}}};
  for (int change = 0; change < CHANGES; change++) {
    facts f;
    say(&f);
    switch (change) {
    case 0: f.rep.name = PL_STR("R. One"); break;
    case 1: f.team.what = PL_STR("t2"); break;
    case 2: f.team.from = MONDAY - 3; break;
    case 3: f.zone.what = PL_STR("Europe/Berlin"); break;
    case 4: f.calendar.what = PL_STR("nights"); break;
    case 5: f.leave.until += 43200; break;
    case 6: f.rep.ntime_off = 0; break;
    case 7: f.rep.recognition_off = true; break;
    case 8: f.goal.target = 50; break;
    case 9: f.goal.plan = PL_STR("after lunch"); break;
    case 10: f.goal.parent = PL_STR("most"); break;
    case 11: f.goal.owner = PL_OWNER_AGREED; break;
    case 12: f.goal.status = PL_GOAL_PAUSED; break;
    case 13: f.goal.line = &bent; break;
    case 14: f.half.share = 4000; break;
    case 15: f.goal.nmilestones = 0; break;
    case 16: f.about_team.zone = PL_STR("Europe/Berlin"); break;
    case 17: f.about_team.calendar = PL_STR("nights"); break;
    case 18: f.fingerprint = 2; break;
    default: fail();
    }
    if (anew(&f, at(10, 0)) != (VIEW | PART)) fail_msg("change %d is not seen", change);
  }
}

static void a_view_that_hid_its_figures_is_written_anew(void **state) {
  (void)state;
  facts f;
  say(&f);
  record(true);
  assert_int_equal(anew(&f, at(10, 0)) & VIEW, VIEW);
  record_when(false, true);
  assert_int_equal(anew(&f, at(10, 0)) & VIEW, VIEW);
}

/* A flush that died between the records and the parts. */
static void a_part_is_written_anew_where_its_records_are_ahead_of_the_mark(void **state) {
  (void)state;
  facts f;
  say(&f);
  record(false);
  assert_int_equal(anew(&f, at(9, 0)), PART); /* by time */
  pl_core *core = learn(&f, pl_buf_str(&recorded));
  pl_core_begin(core, pl_times_at(at(10, 0)));
  pl_core_advance(core, at(10, 0), NULL);
  assert_int_equal(dirty(core), NOTHING);
  assert_int_equal(call(core, PL_STR("e1"), OFFSET), PL_SKIPPED); /* by offset */
  assert_int_equal(dirty(core), VIEW | PART);
  written(core);
  pl_core_free(&core);
}

/* Its parts go with the next flush, which a crash may keep from coming. */
static void a_fact_that_changes_while_a_flush_is_written_is_not_taken_for_written(void **state) {
  (void)state;
  facts f;
  say(&f);
  pl_core *core = learn(&f, (pl_str){0});
  pl_core_begin(core, pl_times_at(at(10, 0)));
  pl_core_advance(core, at(10, 0), NULL);
  written(core);
  f.goal.target = 50;
  assert_int_equal(pl_core_put_goals(core, &f.goals, NULL), 0);
  pl_buf_clear(&recorded);
  pl_record_encode(pl_core_find(core, PL_STR("r1"), false), &recorded);
  assert_int_equal(dirty(core), VIEW | PART);
  written(core);
  pl_core_free(&core);
  assert_int_equal(anew(&f, at(10, 0)), VIEW | PART);
}

static int set_up(void **state) {
  (void)state;
  world_make(&w, 1);
  pl_buf_init(&recorded, 1 << 16);
  w.policy.view_refresh.ms = 0;
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  pl_buf_fini(&recorded);
  world_free(&w);
  return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(what_stands_as_it_would_be_written_is_not_written_anew),
      TEST(a_rep_who_had_not_begun_when_everything_was_to_be_written_is_written_when_they_do),
      TEST(what_was_never_written_is),
      TEST(whatever_fact_has_changed_is_written_anew),
      TEST(a_view_that_hid_its_figures_is_written_anew),
      TEST(a_fact_that_changes_while_a_flush_is_written_is_not_taken_for_written),
      TEST(a_part_is_written_anew_where_its_records_are_ahead_of_the_mark),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
