#include "paceline/calendar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* after what it needs */
#include <cmocka.h>

#include "base/civil.h"
#include "base/mem.h"
#include "core/oracle.h"
#include "core/zone_file.h"

#define DAY_S INT64_C(86400)

enum { EXCEPTIONS = 40, LEAVES = 20 };

/* A calendar with holidays in a zone, shared, and somebody's own with time off. */
typedef struct {
  pl_zone *zone;
  pl_calendar_def def;
  pl_exception exceptions[EXCEPTIONS];
  pl_leave given[LEAVES], off[LEAVES]; /* as they come, and merged */
  size_t ngiven, noff;
  pl_workcal *shared, *cal;
} sample;

/* The naive model: every second of a stretch of time, one after the other. A second is worked when the latest
 * reading that the local clock has shown so far lies in a span of its day, and in no leave. */
typedef struct {
  int64_t from;
  int32_t n, *done; /* done[i]: seconds worked in [from, from + i), i <= n */
} model;

static const pl_workday *hours_of(const sample *s, int32_t day) {
  for (size_t i = 0; i < s->def.nexceptions; i++)
    if (s->def.exceptions[i].day == day) return &s->def.exceptions[i].hours;
  return &s->def.week[pl_weekday(day)];
}

static bool is_off(const sample *s, int64_t local) {
  for (size_t i = 0; i < s->ngiven; i++)
    if (local >= s->given[i].from && local < s->given[i].until) return true;
  return false;
}

static model model_new(const sample *of, int64_t from, int32_t n) {
  model m = {from, n, pl_alloc(((size_t)n + 1) * sizeof(int32_t))};
  int64_t latest = INT64_MIN;
  pl_zone_offset o = pl_zone_at(of->zone, from - 3 * DAY_S);
  for (int64_t s = from - 3 * DAY_S; s < from + n; s++) {
    if (s >= o.until) o = pl_zone_at(of->zone, s);
    if (s + o.east > latest) latest = s + o.east;
    if (s < from) continue;
    int32_t day = (int32_t)pl_floor_div(latest, DAY_S), of_day = (int32_t)(latest - day * DAY_S);
    const pl_workday *w = hours_of(of, day);
    bool worked = false;
    for (int k = 0; k < w->n; k++) worked |= of_day >= w->spans[k].from && of_day < w->spans[k].to;
    m.done[s - from + 1] = m.done[s - from] + (worked && !is_off(of, latest));
  }
  return m;
}

static void model_free(model *m) { pl_release(m->done, ((size_t)m->n + 1) * sizeof(int32_t)); }

static pl_workday random_hours(dice *d, uint32_t step) {
  pl_workday w = {.n = 0};
  uint32_t at = 0, most = below(d, 4) ? below(d, 4) : PL_SPANS_MAX;
  while ((uint32_t)w.n < most && at + 2 * step < 86400) {
    uint32_t from = at + below(d, (86400 - at) / 2 / step + 1) * step;
    uint32_t to = from + (1 + below(d, (86400 - from) / 2 / step)) * step;
    if (to > 86400 || !below(d, 6)) to = 86400;
    if (from >= to) break;
    w.spans[w.n++] = (pl_span){(int32_t)from, (int32_t)to};
    at = to + step;
  }
  return w;
}

/* An instant and a zone with a change of offset within three days, or any instant. */
static int64_t some_days(dice *d, const pl_zone *zone) {
  int64_t s = (int64_t)(roll(d) % (160 * 366 * DAY_S)) - 40 * 366 * DAY_S;
  pl_zone_offset o = pl_zone_at(zone, s);
  bool bounded = o.until < 130 * 366 * DAY_S;
  return (bounded && below(d, 4) ? o.until : s) - (int64_t)below(d, 3 * 86400);
}

static pl_zone *some_zone(dice *d) {
  static const char *const names[] = {
      "UTC",          "Europe/Berlin",       "America/St_Johns",  "America/Sao_Paulo",
      "Pacific/Apia", "Australia/Lord_Howe", "Africa/Casablanca", "America/Nuuk",
      "Asia/Gaza",    "Pacific/Kwajalein",   "Antarctica/Troll",  "America/New_York"};
  size_t i = below(d, PL_COUNT(names) + 1);
  pl_zone *zone = i < PL_COUNT(names) ? zone_named(names[i])
                                      : zone_of_rule("AAA0BBB,J100/2,J100/20"); /* there and back in a day */
  assert_non_null(zone);
  return zone;
}

/* Its exceptions and leaves lie within `spread` days of an instant. */
static void sample_make(sample *s, dice *d, pl_zone *zone, int64_t about, uint32_t spread) {
  int32_t first = pl_zone_day(zone, about) - (int32_t)spread / 4;
  uint32_t step = below(d, 3) ? 900 : 1;
  *s = (sample){.zone = zone, .def = {.name = "random", .exceptions = s->exceptions}};
  for (int i = 0; i < 7; i++) s->def.week[i] = random_hours(d, step);
  int32_t day = first;
  for (uint32_t n = below(d, 3) ? below(d, EXCEPTIONS) : 0; n > 0; n--, s->def.nexceptions++) {
    day += 1 + (int32_t)below(d, 2 * spread / EXCEPTIONS + 2);
    s->exceptions[s->def.nexceptions] = (pl_exception){day, random_hours(d, step)};
    if (below(d, 2)) s->exceptions[s->def.nexceptions].hours.n = 0;
  }
  s->ngiven = below(d, 3) ? below(d, LEAVES) : 0;
  for (size_t i = 0; i < s->ngiven; i++) {
    int32_t from = first + (int32_t)below(d, spread + spread / 2);
    pl_leave *leave = &s->given[i];
    *leave = pl_leave_of((pl_days){from, from + (int32_t)below(d, below(d, 4) ? 3 : spread / 4 + 1)});
    if (!below(d, 3)) leave->from += below(d, 86400 / 2 / step) * step;
    if (!below(d, 3)) leave->until -= below(d, 86400 / 2 / step) * step;
    if (!below(d, 100)) leave->from = INT32_MIN * DAY_S;
    if (!below(d, 100)) leave->until = INT32_MAX * DAY_S;
  }
  memcpy(s->off, s->given, sizeof s->off);
  s->noff = pl_leaves_merge(s->off, s->ngiven);
  s->shared = pl_workcal_new(&s->def, zone);
  s->cal = s->ngiven || below(d, 2) ? pl_workcal_less(s->shared, s->off, s->noff) : s->shared;
}

static void sample_free(sample *s) {
  if (s->cal != s->shared) pl_workcal_free(&s->cal);
  pl_workcal_free(&s->shared), pl_zone_free(&s->zone);
}

static void work_is_what_counting_every_second_gives(void **state) {
  (void)state;
  dice d = {seed()};
  sample s;
  for (int round = 0; round < 120; round++) {
    pl_zone *zone = some_zone(&d);
    int64_t from = some_days(&d, zone);
    sample_make(&s, &d, zone, from, 8);
    pl_workcal *cal = s.cal;
    model m = model_new(&s, from, 5 * 86400);
    int32_t total = m.done[m.n];
    for (int i = 0; i < 3000; i++) {
      int32_t a = (int32_t)below(&d, (uint32_t)m.n + 1), b = (int32_t)below(&d, (uint32_t)m.n + 1);
      int32_t want = a < b ? m.done[b] - m.done[a] : 0;
      int64_t got = pl_work_between(cal, m.from + a, m.from + b);
      if (got != want)
        fail_msg("round %d, %s: W(%lld .. %lld) is %lld, expected %d", round, pl_zone_name(zone),
                 (long long)m.from + a, (long long)m.from + b, (long long)got, want);
    }
    for (int i = 0; i < 300 && total; i++) {
      int32_t a = (int32_t)below(&d, (uint32_t)m.n), left = total - m.done[a];
      int32_t seconds = (int32_t)below(&d, (uint32_t)left + 1);
      int32_t after = a, beyond;
      while (m.done[after] - m.done[a] < seconds) after++;
      assert_int_equal(pl_work_after(cal, m.from + a, seconds), m.from + after);
      for (beyond = after; beyond < m.n && m.done[beyond + 1] - m.done[a] <= seconds;) beyond++;
      if (beyond < m.n) assert_int_equal(pl_work_beyond(cal, m.from + a, seconds), m.from + beyond);
    }
    sample_free(&s), model_free(&m);
  }
  assert_int_equal(pl_mem_live(), 0);
}

static void the_inverses_hold_over_years(void **state) {
  (void)state;
  dice d = {seed()};
  sample s;
  for (int round = 0; round < 60; round++) {
    pl_zone *zone = some_zone(&d);
    int64_t about = some_days(&d, zone);
    sample_make(&s, &d, zone, about, 900);
    pl_workcal *cal = s.cal;
    for (int i = 0; i < 500; i++) {
      int64_t from = i % 4 ? about + (int64_t)(roll(&d) % (400 * DAY_S)) : some_days(&d, zone),
              mid = from + (int64_t)(roll(&d) % (900 * DAY_S));
      int64_t to = mid + (int64_t)(roll(&d) % (2 * DAY_S));
      int64_t w = pl_work_between(cal, from, to), seconds = (int64_t)(roll(&d) % (uint64_t)(w + 1000));
      assert_int_equal(pl_work_between(cal, from, mid) + pl_work_between(cal, mid, to), w);
      int64_t after = pl_work_after(cal, from, seconds), beyond = pl_work_beyond(cal, from, seconds);
      if (after == INT64_MAX) {
        assert_true(pl_work_between(cal, from, from + PL_WORK_HORIZON_S) < seconds);
        continue;
      }
      assert_true(from <= after && after <= beyond);
      assert_int_equal(pl_work_between(cal, from, after), seconds);
      if (after > from) assert_int_equal(pl_work_between(cal, from, after - 1), seconds - 1);
      if (beyond == INT64_MAX) continue;
      assert_int_equal(pl_work_between(cal, from, beyond), seconds);
      assert_int_equal(pl_work_between(cal, from, beyond + 1), seconds + 1);
    }
    sample_free(&s);
  }
}

static void working_days_are_those_with_working_seconds(void **state) {
  (void)state;
  dice d = {seed()};
  sample s;
  for (int round = 0; round < 60; round++) {
    pl_zone *zone = some_zone(&d);
    int64_t about = some_days(&d, zone);
    sample_make(&s, &d, zone, about, 800);
    pl_workcal *cal = s.cal;
    int32_t first = pl_zone_day(zone, about), sum = 0;
    for (int32_t day = first; day < first + 800; day++) {
      int64_t start = pl_zone_instant(zone, day, 0), next = pl_zone_instant(zone, day + 1, 0);
      int64_t work = pl_work_between(cal, start, next), end = pl_workday_end(cal, day);
      assert_int_equal(pl_workday_is(cal, day), work > 0);
      if (work)
        assert_true(pl_work_between(cal, start, end) == work && pl_work_between(cal, end - 1, end) == 1);
      else
        assert_true(end == INT64_MIN);
      sum += work > 0;
      assert_int_equal(pl_workdays(cal, first, day), sum);
    }
    assert_int_equal(pl_workdays(cal, first, first - 1), 0);
    sample_free(&s);
  }
}

/* Time off takes from the shared calendar what the shared calendar has on those days, and from nobody else.
 */
static void time_off_is_taken_from_ones_own_calendar_only(void **state) {
  (void)state;
  pl_zone *zone = zone_named("Europe/Berlin");
  pl_calendar_def def = {.name = "office"};
  for (int i = 0; i < 5; i++) def.week[i] = (pl_workday){{{9 * 3600, 17 * 3600}}, 1};
  const pl_exception holiday = {.day = pl_civil_day(2026, 8, 5)};
  def.exceptions = &holiday, def.nexceptions = 1;
  pl_workcal *shared = pl_workcal_new(&def, zone);
  int32_t monday = pl_civil_day(2026, 8, 3);
  pl_days days = {monday, monday + 11}; /* two weeks, one holiday among them */
  pl_leave leave = pl_leave_of(days);
  pl_workcal *own = pl_workcal_less(shared, &leave, 1);
  int64_t from = pl_zone_instant(zone, pl_civil_day(2026, 8, 1), 0),
          to = pl_zone_instant(zone, pl_civil_day(2026, 9, 1), 0);
  assert_int_equal(pl_work_between(shared, from, to), 20 * 8 * 3600);
  assert_int_equal(pl_work_between(own, from, to), 11 * 8 * 3600);
  assert_int_equal(pl_workdays(own, days.first - 10, days.last + 3), 7);
  assert_int_equal(pl_work_after(own, from, 1), pl_zone_instant(zone, monday + 14, 9 * 3600) + 1);
  assert_false(pl_workday_is(own, monday));
  assert_true(pl_workday_is(shared, monday));
  assert_ptr_equal(pl_workcal_shared(own), shared);
  assert_ptr_equal(pl_workcal_shared(shared), shared);
  pl_workcal_free(&own), pl_workcal_free(&shared), pl_zone_free(&zone);
  assert_int_equal(pl_mem_live(), 0);
}

static void half_a_day_off_leaves_half_a_working_day(void **state) {
  (void)state;
  pl_zone *zone = zone_named("Europe/Berlin");
  pl_calendar_def def = {.name = "office"};
  for (int i = 0; i < 5; i++) def.week[i] = (pl_workday){{{9 * 3600, 12 * 3600}, {13 * 3600, 18 * 3600}}, 2};
  pl_workcal *shared = pl_workcal_new(&def, zone);
  int32_t monday = pl_civil_day(2026, 8, 3);
  int64_t noon = 12 * 3600, mon = monday * DAY_S, tue = mon + DAY_S, wed = tue + DAY_S;
  /* Monday from noon on, Tuesday until noon; Wednesday in two parts, with only the lunch between them */
  const pl_leave leaves[] = {{mon + noon, tue + noon}, {wed, wed + noon}, {wed + 13 * 3600, wed + DAY_S}};
  pl_workcal *own = pl_workcal_less(shared, leaves, PL_COUNT(leaves));
  static const struct {
    int32_t work_h, end_h; /* of the days from Monday on */
  } want[] = {{3, 12}, {5, 18}, {0, 0}, {8, 18}};
  int32_t sum = 0;
  for (int32_t i = 0; i < (int32_t)PL_COUNT(want); i++) {
    int32_t day = monday + i;
    int64_t midnight = pl_zone_instant(zone, day, 0);
    assert_int_equal(pl_work_between(own, midnight, midnight + DAY_S), want[i].work_h * 3600);
    assert_int_equal(pl_workday_is(own, day), want[i].work_h > 0);
    assert_int_equal(pl_workday_end(own, day), want[i].work_h ? midnight + want[i].end_h * 3600 : INT64_MIN);
    assert_int_equal(pl_workdays(own, monday, day), sum += want[i].work_h > 0);
    assert_int_equal(pl_workdays(own, day, day), want[i].work_h > 0);
  }
  int64_t nine = pl_zone_instant(zone, monday, 9 * 3600);
  assert_int_equal(pl_work_after(own, nine, 3 * 3600), nine + 3 * 3600);
  assert_int_equal(pl_work_after(own, nine, 3 * 3600 + 1), pl_zone_instant(zone, monday + 1, 13 * 3600) + 1);
  assert_int_equal(pl_work_beyond(own, nine, 8 * 3600), pl_zone_instant(zone, monday + 3, 9 * 3600));
  pl_workcal_free(&own), pl_workcal_free(&shared), pl_zone_free(&zone);
  assert_int_equal(pl_mem_live(), 0);
}

static void leaves_that_touch_or_overlap_become_one(void **state) {
  (void)state;
  pl_leave leaves[] = {{20, 26}, {1, 4}, {4, 5}, {22, 24}, {6, 7}, {25, 31}, {INT64_MAX - 1, INT64_MAX},
                       {6, 8}};
  const pl_leave want[] = {{1, 5}, {6, 8}, {20, 31}, {INT64_MAX - 1, INT64_MAX}};
  assert_int_equal(pl_leaves_merge(leaves, PL_COUNT(leaves)), PL_COUNT(want));
  assert_memory_equal(leaves, want, sizeof want);
  assert_int_equal(pl_leaves_merge(NULL, 0), 0);
}

static pl_calendar_def daily(int32_t from, int32_t to) {
  pl_calendar_def def = {.name = "daily"};
  for (int i = 0; i < 7; i++) def.week[i] = (pl_workday){{{from, to}}, 1};
  return def;
}

static void a_gap_shortens_a_span_and_an_overlap_lengthens_it(void **state) {
  (void)state;
  pl_zone *zone = zone_named("Europe/Berlin");
  pl_calendar_def def = daily(3600, 4 * 3600);
  pl_workcal *cal = pl_workcal_new(&def, zone);
  const struct {
    int32_t month, day;
    int64_t hours;
  } cases[] = {{3, 28, 3}, {3, 29, 2}, {3, 30, 3}, {10, 24, 3}, {10, 25, 4}, {10, 26, 3}};
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    int32_t day = pl_civil_day(2026, cases[i].month, cases[i].day);
    int64_t midnight = pl_zone_instant(zone, day, 0);
    assert_int_equal(pl_work_between(cal, midnight, pl_zone_instant(zone, day + 1, 0)),
                     cases[i].hours * 3600);
  }
  pl_workcal_free(&cal), pl_zone_free(&zone);
}

static void a_day_that_the_zone_skips_has_no_work(void **state) {
  (void)state;
  pl_zone *zone = zone_named("Pacific/Apia");
  pl_calendar_def def = daily(9 * 3600, 17 * 3600);
  pl_workcal *cal = pl_workcal_new(&def, zone);
  int32_t skipped = pl_civil_day(2011, 12, 30);
  assert_false(pl_workday_is(cal, skipped));
  assert_true(pl_workday_is(cal, skipped - 1) && pl_workday_is(cal, skipped + 1));
  assert_int_equal(pl_workdays(cal, skipped - 1, skipped + 1), 2);
  pl_workcal_free(&cal), pl_zone_free(&zone);
}

static void there_is_no_work_outside_the_years_and_no_search_beyond_ten(void **state) {
  (void)state;
  pl_zone *zone = zone_named("America/New_York");
  pl_calendar_def none = {.name = "none"}, always = daily(0, 86400);
  pl_workcal *idle = pl_workcal_new(&none, zone), *busy = pl_workcal_new(&always, zone);
  int64_t begin = pl_zone_instant(zone, pl_civil_day(1900, 1, 1), 0);
  int64_t end = pl_zone_instant(zone, pl_civil_day(2201, 1, 1), 0);

  assert_int_equal(pl_work_between(idle, INT64_MIN, INT64_MAX), 0);
  assert_int_equal(pl_work_after(idle, 1767222000, 0), 1767222000);
  assert_int_equal(pl_work_after(idle, 1767222000, -5), 1767222000);
  assert_int_equal(pl_work_after(idle, 1767222000, 1), INT64_MAX);
  assert_int_equal(pl_work_beyond(idle, 1767222000, 0), INT64_MAX);
  assert_int_equal(pl_work_beyond(idle, 1767222000, -1), 1767222000);

  assert_int_equal(pl_work_between(busy, INT64_MIN, INT64_MAX), end - begin);
  assert_int_equal(pl_work_between(busy, begin - 5, begin + 7), 7);
  assert_int_equal(pl_work_between(busy, end - 5, end + 7), 5);
  assert_int_equal(pl_work_between(busy, end, INT64_MAX), 0);
  assert_int_equal(pl_work_after(busy, end - 5, 5), end);
  assert_int_equal(pl_work_after(busy, end - 5, 6), INT64_MAX);
  assert_int_equal(pl_work_beyond(busy, end - 5, 4), end - 1);
  assert_int_equal(pl_work_beyond(busy, end - 5, 5), INT64_MAX);
  assert_int_equal(pl_work_after(busy, begin - PL_WORK_HORIZON_S + 1, 1), begin + 1);
  assert_int_equal(pl_work_after(busy, begin - PL_WORK_HORIZON_S, 1), INT64_MAX);
  assert_int_equal(pl_work_after(busy, INT64_MIN, 1), INT64_MAX);
  assert_int_equal(pl_work_after(busy, INT64_MAX, 1), INT64_MAX);
  assert_int_equal(pl_work_after(busy, 0, PL_WORK_HORIZON_S), PL_WORK_HORIZON_S);
  assert_int_equal(pl_work_after(busy, 0, PL_WORK_HORIZON_S + 1), INT64_MAX);
  assert_int_equal(pl_work_after(busy, 0, INT64_MAX), INT64_MAX);
  assert_int_equal(pl_work_beyond(busy, 0, INT64_MAX), INT64_MAX);
  assert_int_equal(pl_workdays(busy, INT32_MIN / 2, INT32_MAX / 2),
                   pl_civil_day(2201, 1, 1) - pl_civil_day(1900, 1, 1));
  assert_false(pl_workday_is(busy, pl_civil_day(1899, 12, 31)));
  assert_int_equal(pl_workday_end(busy, pl_civil_day(2201, 1, 1)), INT64_MIN);
  assert_ptr_equal(pl_workcal_zone(busy), zone);
  pl_workcal_free(&idle), pl_workcal_free(&busy), pl_workcal_free(&busy), pl_zone_free(&zone);
  assert_int_equal(pl_mem_live(), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(work_is_what_counting_every_second_gives),
      cmocka_unit_test(the_inverses_hold_over_years),
      cmocka_unit_test(working_days_are_those_with_working_seconds),
      cmocka_unit_test(time_off_is_taken_from_ones_own_calendar_only),
      cmocka_unit_test(half_a_day_off_leaves_half_a_working_day),
      cmocka_unit_test(leaves_that_touch_or_overlap_become_one),
      cmocka_unit_test(a_gap_shortens_a_span_and_an_overlap_lengthens_it),
      cmocka_unit_test(a_day_that_the_zone_skips_has_no_work),
      cmocka_unit_test(there_is_no_work_outside_the_years_and_no_search_beyond_ten),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
