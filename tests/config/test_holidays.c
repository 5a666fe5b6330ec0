/* Holidays, closed days and time off: from dates in files to days without work. */
#include "base/civil.h"
#include "world.h"

static const pl_calendar_def *office(const pl_config *config) {
  int at = pl_policy_calendar(&config->policy, PL_STR("office"));
  assert_true(at >= 0);
  return &config->policy.calendars[at];
}

/* The hours of an exception; NULL: the day is as its weekday. */
static const pl_workday *on(const pl_config *config, int32_t year, int32_t month, int32_t day) {
  const pl_calendar_def *def = office(config);
  for (size_t i = 0; i < def->nexceptions; i++)
    if (def->exceptions[i].day == pl_civil_day(year, month, day)) return &def->exceptions[i].hours;
  return NULL;
}

static void are_in_order(const pl_config *config) {
  const pl_calendar_def *def = office(config);
  for (size_t i = 1; i < def->nexceptions; i++)
    assert_true(def->exceptions[i - 1].day < def->exceptions[i].day);
}

static void holidays_are_free_or_have_what_their_hours_leave_of_the_weekday(void **state) {
  (void)state;
  pl_config *c =
      good(PL_STR("calendars: {office: {week: {mon-thu: 10:00-11:00 11:30-18:00, fri: 14:00-15:00},\n"
                  "holidays: tests/config/holidays/berlin.yaml}}"));
  assert_int_equal(office(c)->nexceptions, 8);
  are_in_order(c);
  assert_int_equal(on(c, 2026, 4, 3)->n, 0);
  assert_null(on(c, 2026, 4, 4));
  const pl_workday *eve = on(c, 2026, 12, 24); /* 09:00-12:00 of a Thursday */
  assert_int_equal(eve->n, 2);
  assert_int_equal(eve->spans[0].from, 10 * 3600);
  assert_int_equal(eve->spans[0].to, 11 * 3600);
  assert_int_equal(eve->spans[1].from, 11 * 3600 + 1800);
  assert_int_equal(eve->spans[1].to, 12 * 3600);
  assert_int_equal(on(c, 2027, 12, 24)->n, 0); /* a Friday, which begins later */
  assert_int_equal(on(c, 2023, 12, 24)->n, 0); /* half of a Sunday is no work */
  check_fixed_point(c);
  pl_config_free(&c);
}

static void closed_is_closed_whatever_a_holiday_s_hours_say(void **state) {
  (void)state;
  pl_config *c = good(PL_STR(
      "calendars: {office: {week: {mon-sun: 09:00-17:00}, closed: [2026-12-23..2026-12-25, 2026-12-25],"
      "holidays: {file: tests/config/holidays/berlin.yaml, only: [Christmas Eve, Good Friday]}}}"));
  assert_int_equal(office(c)->nexceptions, 6);
  are_in_order(c);
  assert_int_equal(on(c, 2026, 12, 23)->n, 0);
  assert_int_equal(on(c, 2026, 12, 24)->n, 0);
  assert_int_equal(on(c, 2026, 12, 25)->n, 0);
  assert_int_equal(on(c, 2027, 12, 24)->n, 1);
  assert_int_equal(on(c, 2026, 4, 3)->n, 0);
  assert_null(on(c, 2026, 1, 1)); /* not asked for */
  check_fixed_point(c);
  pl_config_free(&c);
}

static void a_name_stands_for_its_day_in_lieu_and_for_what_falls_on_it(void **state) {
  (void)state;
  pl_config *c = good(
      PL_STR("calendars: {office: {week: {mon-fri: 09:00-17:00},\n"
             "holidays: {file: tests/config/holidays/list.json, only: [Independence Day, Christmas Eve]}}}"));
  assert_int_equal(office(c)->nexceptions, 3);
  assert_non_null(on(c, 2026, 7, 3));
  assert_non_null(on(c, 2026, 7, 4));
  assert_non_null(on(c, 2027, 12, 24));
  pl_config_free(&c);
  c = good(PL_STR(
      "calendars: {office: {week: {mon-fri: 09:00-17:00}, holidays: tests/config/holidays/list.json}}"));
  assert_int_equal(office(c)->nexceptions, 6);
  pl_config_free(&c);
}

static void time_off_in_the_file_is_as_the_roster_brings_it(void **state) {
  (void)state;
  pl_config *c = good(PL_STR(
      "reps: {r1: {time_off: [2026-12-28..2027-01-08, 2026-08-03]}, r2: {time_off: 2026-08-03 12:00-24:00},\n"
      "r3: {}, r4: {time_off: [2026-08-03 12:00..2026-08-04, 2026-08-06..2026-08-07 9:30]}}"));
  const pl_rep_fact *reps = c->policy.reps;
  int64_t august = pl_civil_day(2026, 8, 1) * INT64_C(86400), hour = 3600, day = 24 * hour;
  assert_int_equal(reps[0].ntime_off, 2);
  assert_int_equal(reps[0].time_off[0].from, pl_civil_day(2026, 12, 28) * day);
  assert_int_equal(reps[0].time_off[0].until, pl_civil_day(2027, 1, 9) * day);
  assert_int_equal(reps[0].time_off[1].from, august + 2 * day);
  assert_int_equal(reps[0].time_off[1].until, august + 3 * day);
  assert_int_equal(reps[1].ntime_off, 1);
  assert_int_equal(reps[1].time_off[0].from, august + 2 * day + 12 * hour);
  assert_int_equal(reps[1].time_off[0].until, august + 3 * day);
  assert_int_equal(reps[3].ntime_off, 2);
  assert_int_equal(reps[3].time_off[0].from, august + 2 * day + 12 * hour);
  assert_int_equal(reps[3].time_off[0].until, august + 4 * day);
  assert_int_equal(reps[3].time_off[1].from, august + 5 * day);
  assert_int_equal(reps[3].time_off[1].until, august + 6 * day + 9 * hour + 1800);
  assert_int_equal(reps[2].ntime_off, 0);
  check_fixed_point(c);
  pl_config_free(&c);
}

static void a_list_that_ends_before_a_goal_does_is_warned_of(void **state) {
  (void)state;
  static const char list[] = "calendars: {office: {week: {mon-fri: 09:00-17:00}, holidays: "
                             "tests/config/holidays/list.json}, plain: {week: {mon: 09:00-17:00}, closed: "
                             "[2026-05-15]}}\n"
                             "metrics: {calls: {count: call, windows: [7d, week, quarter]}}\n",
                    reps[] = "kafka: {topics: {roster: \"\", goals: \"\", teams: \"\"}}\nreps: {r1: {}}\n",
                    week[] = "goals: {g: {rep: r1, metric: calls, period: week, target: 40}}\n",
                    later[] = "goals: {g: {rep: r1, metric: calls, period: quarter, target: 40, versions: "
                              "{2029-01-01: 60}}}\n";
  /* the list ends in May 2028, so it knows 2028 */
  const struct {
    const char *more[3];
    int32_t year, month, day;
    const char *said; /* NULL: nothing */
  } cases[] = {
      {{reps}, 2026, 3, 2, NULL},
      {{reps}, 2028, 12, 31, NULL}, /* Sunday, the last of the quarter and of the week */
      {{reps}, 2029, 1, 1, "until 2029-03-31, when 2029-Q1 ends; add those from 2029 on"},
      {{reps, week}, 2028, 12, 31, NULL},
      {{reps, week}, 2029, 1, 1, "until 2029-01-07, when 2029-W01 of the goal 'g' ends"},
      {{reps, later}, 2026, 3, 2, "until 2029-03-31, when 2029-Q1 of the goal 'g' ends"},
      {{reps, "fiscal: {start: november}\n"}, 2028, 11, 1, "until 2029-01-31, when FY2029-Q1 ends"},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    pl_buf text, said;
    pl_buf_init(&text, 4096), pl_buf_init(&said, 4096);
    pl_buf_text(&text, list);
    for (size_t k = 0; k < 3 && cases[i].more[k]; k++) pl_buf_text(&text, cases[i].more[k]);
    pl_config *c = good(pl_buf_str(&text));
    pl_config_outlook(c, pl_civil_day(cases[i].year, cases[i].month, cases[i].day), &said);
    pl_buf_char(&said, 0);
    static const char begins[] = "test.yaml:1:62: warning: calendars.office.holidays: found no holiday after "
                                 "2028-05-01, expected some ";
    bool right = cases[i].said
                     ? strncmp(said.p, begins, sizeof begins - 1) == 0 &&
                           strncmp(said.p + sizeof begins - 1, cases[i].said, strlen(cases[i].said)) == 0
                     : said.n == 1;
    if (!right) fail_msg("case %zu: %s", i, said.p);
    pl_buf_fini(&text), pl_buf_fini(&said);
    pl_config_free(&c);
  }
}

static void more_days_than_there_can_be_are_refused_once(void **state) {
  (void)state;
  pl_buf text, errors;
  pl_buf_init(&text, 1 << 20);
  pl_buf_init(&errors, 1 << 20);
  pl_buf_text(&text, "calendars:\n");
  for (int i = 0; i < 6; i++) {
    pl_buf_printf(&text, "  c%d: {week: {mon: 09:00-17:00}, closed: [", i);
    for (int k = 0; k < 60; k++)
      pl_buf_text(&text, k ? ", 1990-01-01..1999-12-31" : "2000-01-01..2009-12-31");
    pl_buf_text(&text, "]}\n");
  }
  pl_config *config;
  assert_int_equal(pl_config_parse(&config, "many.yaml", pl_buf_str(&text), &world, &errors), PL_REJECT);
  pl_buf_char(&errors, 0);
  assert_string_equal(
      errors.p, "many.yaml:6:3: calendars.c4: found more than 1000000 holidays and closed days, with the "
                "calendars before it, expected fewer\n");
  pl_buf_fini(&text);
  pl_buf_fini(&errors);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(holidays_are_free_or_have_what_their_hours_leave_of_the_weekday),
      cmocka_unit_test(closed_is_closed_whatever_a_holiday_s_hours_say),
      cmocka_unit_test(a_name_stands_for_its_day_in_lieu_and_for_what_falls_on_it),
      cmocka_unit_test(time_off_in_the_file_is_as_the_roster_brings_it),
      cmocka_unit_test(a_list_that_ends_before_a_goal_does_is_warned_of),
      cmocka_unit_test(more_days_than_there_can_be_are_refused_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
