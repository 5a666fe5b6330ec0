/* Intake: what one event moves, beside what test_core holds against the naive model. */
#include "core/scene.h"

static void things_for_which_the_list_has_no_room_are_not_counted(void **state) {
  (void)state;
  static const char *const fields[] = {"account"};
  s.policy.fields = fields, s.policy.nfields = 1;
  s.metrics[0].kind = PL_DISTINCT_OF, s.metrics[0].field = 0, s.metrics[0].windows = 1 << PL_W_WEEK;
  rep_in("UTC", "office");
  start(on(2, 9, 0));
  for (int i = 0; i < 2 * (PL_DISTINCT_MAX + 5); i++) {
    char id[24], account[24];
    (void)snprintf(id, sizeof id, "e%d", i);
    (void)snprintf(account, sizeof account, "a%d", i % (PL_DISTINCT_MAX + 5));
    pl_event event = {.id = pl_str_of(id), .rep = PL_STR("r1"), .at = on(2, 10, 0)};
    event.fields[0] = (pl_value){.kind = PL_TEXT, .s = pl_str_of(account)};
    assert_int_equal(pl_core_apply(s.core, &event, event.at, s.offset++), PL_APPLIED);
  }
  const pl_subject *rep = pl_core_find(s.core, PL_STR("r1"), false);
  assert_int_equal(pl_subject_window(rep, 0, PL_W_WEEK, false, on(2, 11, 0)), PL_DISTINCT_MAX);
  assert_int_equal(pl_core_stats_of(s.core)->distinct_full, 10);
}

/* Those that wait, as a flush takes them. */
static size_t shares_to_write(void) {
  size_t n = 0;
  for (pl_share *share = pl_core_take_shares(s.core); share; share = share->next_dirty, n++) {
    pl_share_written(share);
    assert_string_equal(share->team, "north");
  }
  return n;
}

static void an_event_has_the_part_of_its_team_written_again(void **state) {
  (void)state;
  const pl_since north[] = {{PL_DAY_ALWAYS, PL_STR("north")}};
  pl_core_put_rep(s.core, &(pl_rep_fact){.id = PL_STR("r1"), .memberships = north, .nmemberships = 1});
  start(on(2, 9, 0));
  calls(on(2, 9, 10), 1);
  assert_int_equal(shares_to_write(), 1);
  assert_int_equal(shares_to_write(), 0);
  calls(on(2, 9, 20), 1);
  assert_int_equal(shares_to_write(), 1);
}

static void what_still_comes_of_somebody_erased_is_refused(void **state) {
  (void)state;
  pl_core_put_rep(s.core, &(pl_rep_fact){.id = PL_STR("r1"), .erased = true});
  start(on(2, 9, 0));
  pl_event call = {.id = PL_STR("c"), .rep = PL_STR("r1"), .at = on(2, 9, 10)};
  assert_int_equal(pl_core_apply(s.core, &call, call.at, s.offset++), PL_ERASED);
  const pl_subject *rep = pl_core_find(s.core, PL_STR("r1"), false);
  assert_int_equal(pl_subject_window(rep, 0, PL_W_DAY, false, call.at), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(things_for_which_the_list_has_no_room_are_not_counted),
      TEST(an_event_has_the_part_of_its_team_written_again),
      TEST(what_still_comes_of_somebody_erased_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
