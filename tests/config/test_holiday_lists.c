/* The holidays of six countries, as the configuration reads them and W(t) counts with them, against what
 * Python reads and counts. Skipped where the lists are not at hand: they are not part of the project. */
#include <sys/wait.h>

#include "base/civil.h"
#include "core/oracle.h"
#include "core/zone_file.h"
#include "paceline/calendar.h"
#include "world.h"

static bool missing;

static pl_config *any_zone(pl_str text) {
  pl_config *config;
  pl_buf errors;
  pl_buf_init(&errors, 1 << 20);
  if (pl_config_parse(&config, "lists.yaml", text, NULL, &errors) != PL_OK)
    fail_msg("%.*s", (int)errors.n, errors.p);
  pl_buf_fini(&errors);
  return config;
}

/* The days of a line, compared; false: the line is not there. */
static bool same_days(const pl_calendar_def *def, char *line, FILE *in, size_t size) {
  if (!fgets(line, (int)size, in)) return false;
  char *p = line;
  double day;
  size_t n = 0;
  for (; numbers(&p, &day, 1); n++) {
    assert_true(n < def->nexceptions);
    assert_int_equal(def->exceptions[n].day, (int32_t)day);
    assert_int_equal(def->exceptions[n].hours.n, 0);
  }
  assert_int_equal(n, def->nexceptions);
  return true;
}

static void real_lists_leave_of_each_year_what_python_counts(void **state) {
  (void)state;
  enum { LINE = 1 << 16 };
  FILE *in = popen(PYTHON " tests/config/oracle_holidays.py", "r");
  char *line = malloc(LINE);
  int cases = 0;
  while (fgets(line, LINE, in)) {
    pl_config *c = any_zone(pl_str_of(line));
    const pl_calendar_def *def = &c->policy.calendars[pl_policy_calendar(&c->policy, PL_STR("office"))];
    assert_true(same_days(def, line, in, LINE));
    pl_zone *zone = zone_named(def->zone);
    pl_workcal *cal = pl_workcal_new(def, zone);
    assert_non_null(fgets(line, LINE, in));
    char *p = line;
    double want;
    int32_t year = 1991;
    for (; numbers(&p, &want, 1); year++) {
      int64_t from = pl_zone_instant(zone, pl_civil_day(year, 1, 1), 0),
              to = pl_zone_instant(zone, pl_civil_day(year + 1, 1, 1), 0);
      assert_int_equal(pl_work_between(cal, from, to), (int64_t)want);
    }
    assert_int_equal(year, 2051);
    pl_workcal_free(&cal), pl_zone_free(&zone), pl_config_free(&c);
    cases++;
  }
  free(line);
  int status = pclose(in);
  missing = WIFEXITED(status) && WEXITSTATUS(status) == 77;
  if (missing) return;
  assert_int_equal(status, 0);
  assert_int_equal(cases, 12);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(real_lists_leave_of_each_year_what_python_counts),
  };
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  return missing ? 77 : failed;
}
