#include "paceline/zone.h"

#include <ftw.h>
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

static const char *const some[] = {
    "Europe/Berlin", "America/St_Johns", "America/Nuuk", "Africa/Casablanca", "Australia/Lord_Howe",
    "Pacific/Apia",  "Europe/Dublin",    "Etc/GMT+5",    "Antarctica/Troll",  "America/Santiago"};

static int64_t instant_near_now(dice *d) {
  return (int64_t)(roll(d) % (200 * 366 * DAY_S)) - 50 * 366 * DAY_S;
}

static void every_answer_is_that_of_python(void **state) {
  (void)state;
  FILE *in = oracle("oracle_zone.py", "zone");
  char line[512], what[16], name[256] = "", path[256];
  pl_zone *zone = NULL;
  int n = 0, wrong = 0;
  for (; fgets(line, sizeof line, in); n++) {
    if (sscanf(line, "zone %255s %255s", name, path) == 2) {
      pl_zone_free(&zone);
      zone = zone_at_path(name, path);
      assert_non_null(zone);
      assert_string_equal(pl_zone_name(zone), name);
      continue;
    }
    double c[3] = {0}; /* whole, far below 2^53 */
    assert_int_equal(sscanf(line, "%15s", what), 1);
    char *p = line + strlen(what);
    int given = numbers(&p, c, 3);
    assert_true(given > 0);
    int64_t got = 0, want = (int64_t)c[given - 1];
    if (strcmp(what, "at") == 0 && given == 2)
      got = pl_zone_at(zone, (int64_t)c[0]).east;
    else if (strcmp(what, "day") == 0 && given == 2)
      got = pl_zone_day(zone, (int64_t)c[0]);
    else if (strcmp(what, "instant") == 0 && given == 3)
      got = pl_zone_instant(zone, (int32_t)c[0], (int32_t)c[1]);
    else
      fail_msg("the oracle said: %s", line);
    if (got != want && wrong++ < 20) printf("%s: got %lld, expected %s", name, (long long)got, line);
  }
  pl_zone_free(&zone);
  assert_int_equal(pclose(in), 0);
  assert_int_equal(wrong, 0);
  assert_true(n > 50000);
}

/* What must hold for any zone, also one made of mutated bytes. */
static void check(const pl_zone *zone, dice *d, int64_t s) {
  pl_zone_offset o = pl_zone_at(zone, s);
  assert_true(o.from <= s && (s < o.until || s == INT64_MAX));
  assert_true(o.east >= -89999 && o.east <= 93599);
  assert_int_equal(pl_zone_at(zone, o.from).east, o.east);
  assert_int_equal(pl_zone_at(zone, o.until - 1).east, o.east);
  uint64_t length = (uint64_t)o.until - (uint64_t)o.from;
  for (int i = 0; i < 4; i++)
    assert_int_equal(pl_zone_at(zone, (int64_t)((uint64_t)o.from + roll(d) % length)).east, o.east);

  int32_t day = pl_zone_day(zone, s), of_day = (int32_t)below(d, 86401);
  if (s < -(DAY_S << 31) + DAY_S * 3 || s > (DAY_S << 31) - 3 * DAY_S) return;
  assert_true(pl_zone_instant(zone, day, 0) <= s && s < pl_zone_instant(zone, day + 1, 0));
  assert_true(pl_zone_instant(zone, day, 86400) == pl_zone_instant(zone, day + 1, 0));
  int64_t t = pl_zone_instant(zone, day, of_day), reading = day * DAY_S + of_day;
  assert_true(t + pl_zone_at(zone, t).east >= reading);
  assert_true(t - 1 + pl_zone_at(zone, t - 1).east < reading);
  assert_true(t <= pl_zone_instant(zone, day, of_day + 1));
}

static void ranges_and_days_hold_together_at_all_instants(void **state) {
  (void)state;
  dice d = {seed()};
  for (size_t i = 0; i < PL_COUNT(some); i++) {
    pl_zone *zone = zone_named(some[i]);
    for (int k = 0; k < 2000; k++) check(zone, &d, instant_near_now(&d));
    for (int k = 0; k < 2000; k++) check(zone, &d, (int64_t)roll(&d) >> below(&d, 60));
    const int64_t edges[] = {INT64_MIN,   INT64_MIN + 1, -(DAY_S << 31), 0,
                             DAY_S << 31, INT64_MAX - 1, INT64_MAX};
    for (size_t k = 0; k < PL_COUNT(edges); k++) check(zone, &d, edges[k]);
    pl_zone_free(&zone);
  }
  assert_int_equal(pl_mem_live(), 0);
}

static int files, right;

static int visit(const char *path, const struct stat *st, int kind, struct FTW *at) {
  static char room[ZONE_FILE_MAX];
  (void)st, (void)at;
  if (kind != FTW_F) return 0;
  pl_str bytes = read_file(path, room);
  if (bytes.n < 4 || memcmp(bytes.p, "TZif", 4) != 0) return 0;
  pl_zone *zone;
  pl_err err;
  pl_status status = pl_zone_new(&zone, path, bytes, &err);
  bool leaps = strstr(path, "/right/") != NULL;
  if ((status == PL_OK) == leaps) {
    printf("%s: %s\n", path, leaps ? "accepted with leap seconds" : err.text);
    return 1;
  }
  if (leaps && !strstr(err.text, "counts leap seconds")) return 1;
  files++, right += leaps;
  pl_zone_free(&zone);
  return 0;
}

static void every_zone_of_the_system_is_read_but_those_with_leap_seconds(void **state) {
  (void)state;
  assert_int_equal(nftw("/usr/share/zoneinfo", visit, 16, FTW_PHYS), 0);
  printf("%d files, %d of them with leap seconds\n", files, right);
  assert_true(files - right > 300);
}

static void rules_must_parse_or_must_not(void **state) {
  (void)state;
  const char *const must[] = {"",
                              "UTC0",
                              "<+03>-3",
                              "<-0330>3:30",
                              "ABC-24:59:59",
                              "CET-1CEST,M3.5.0,M10.5.0/3",
                              "EST5EDT,M3.2.0,M11.1.0",
                              "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
                              "IST-2IDT,M3.4.4/26,M10.5.0",
                              "XXX3EDT4,0/0,J365/23",
                              "AAA1BBB-2:30:15,J60/167,365/-167:59:59"};
  const char *const must_not[] = {"U",
                                  "UT0",
                                  "UTC",
                                  "UTC0 ",
                                  "UTC25",
                                  "UTC0:60",
                                  "UTC0:00:60",
                                  "<+03-3",
                                  "<>0",
                                  "<+3>0",
                                  "A1C0",
                                  "CET-1CEST",
                                  "CET-1CEST,M3.5.0",
                                  "CET-1CEST,M3.5.0,M10.5.0/3,",
                                  "CET-1CEST,M0.5.0,M10.5.0",
                                  "CET-1CEST,M13.5.0,M10.5.0",
                                  "CET-1CEST,M3.0.0,M10.5.0",
                                  "CET-1CEST,M3.6.0,M10.5.0",
                                  "CET-1CEST,M3.5.7,M10.5.0",
                                  "CET-1CEST,J0,J365",
                                  "CET-1CEST,J1,J366",
                                  "CET-1CEST,366,0",
                                  "CET-1CEST,M3.5.0/168,M10.5.0",
                                  "CET-1CEST,M3.5.0/,M10.5.0",
                                  "CET-1CEST,M3.5.0/2:,M10.5.0",
                                  "CET-99999999999999999999",
                                  "CET-1CEST;M3.5.0,M10.5.0",
                                  ":Europe/Berlin",
                                  "CET--1",
                                  "CET+-1"};
  for (size_t i = 0; i < PL_COUNT(must); i++) {
    pl_zone *zone = zone_of_rule(must[i]);
    if (!zone) fail_msg("refused: %s", must[i]);
    dice d = {seed()};
    for (int k = 0; k < 500; k++) check(zone, &d, instant_near_now(&d));
    pl_zone_free(&zone);
  }
  for (size_t i = 0; i < PL_COUNT(must_not); i++)
    if (zone_of_rule(must_not[i])) fail_msg("accepted: %s", must_not[i]);
}

static int32_t east_at(const char *rule, int32_t year, int32_t month, int32_t day, int32_t of_day) {
  pl_zone *zone = zone_of_rule(rule);
  int32_t east = pl_zone_at(zone, pl_civil_day(year, month, day) * DAY_S + of_day).east;
  pl_zone_free(&zone);
  return east;
}

static void rules_speak_of_days_in_three_ways(void **state) {
  (void)state;
  const char *julian = "AAA0BBB,J60/0,J61/0", *plain = "AAA0BBB,59/0,60/0", *always = "XXX3EDT4,0/0,J365/23";
  assert_int_equal(east_at("AAA0BBB,J59/0,J60/0", 2024, 2, 28, 0), 3600);
  assert_int_equal(east_at("AAA0BBB,J59/0,J60/0", 2024, 2, 29, 3600), 3600);
  assert_int_equal(east_at("AAA0BBB,J59/0,J60/0", 2024, 3, 1, 0), 0);
  assert_int_equal(east_at(julian, 2023, 3, 1, 0), 3600); /* day 60 is March 1 in every year */
  assert_int_equal(east_at(julian, 2024, 3, 1, 0), 3600);
  assert_int_equal(east_at(julian, 2024, 2, 29, 86399), 0);
  assert_int_equal(east_at(plain, 2023, 3, 1, 0), 3600); /* day 59 from 0 is February 29 in leap years */
  assert_int_equal(east_at(plain, 2024, 2, 29, 0), 3600);
  assert_int_equal(east_at(plain, 2024, 3, 1, 0), 0);
  for (int32_t day = 1; day <= 31; day++)
    for (int32_t month = 1; month <= 12; month += 11)
      for (int32_t hour = 0; hour < 24; hour++)
        assert_int_equal(east_at(always, 2030, month, day, hour * 3600), -4 * 3600);
}

static const char *refusal(pl_str bytes) {
  static pl_err err;
  pl_zone *zone;
  if (pl_zone_new(&zone, "Some/Where", bytes, &err) == PL_OK) fail_msg("accepted");
  assert_null(zone);
  return err.text;
}

static void a_refusal_says_what_was_found_and_what_to_do(void **state) {
  (void)state;
  static char whole[ZONE_FILE_MAX], room[ZONE_FILE_MAX];
  pl_str berlin = read_file("/usr/share/zoneinfo/Europe/Berlin", whole), bytes = {room, berlin.n};
  size_t block = 44, times, types; /* of version 1, then of version 2 */
  for (int i = 0; i < 2; i++) {
    const unsigned char *c = (const unsigned char *)whole + block - 44 + 20;
    times = (size_t)c[14] << 8 | c[15], types = c[19];
    if (i == 0) block += times * 5 + types * 6 + c[23] + c[7] + c[3] + 44;
  }
  const struct {
    size_t at;
    char value;
    const char *says;
  } cases[] = {
      {0, 'X', "does not begin with the header"},
      {4, '1', "does not begin with the header"},
      {block - 44, 'X', "version 1 block"},
      {block - 44 + 31, 1, "counts leap seconds"},
      {block - 44 + 39, 0, "contradict"},
      {block - 44 + 32, 1, "shorter than its counts"},
      {block, (char)0x7f, "not ascending"},
      {block + times * 8, (char)types, "a type that is not there"},
      {block + times * 9, 1, "offset outside"},
      {berlin.n - 1, 'x', "no POSIX time zone rule"},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    memcpy(room, whole, berlin.n);
    room[cases[i].at] = cases[i].value;
    const char *text = refusal(bytes);
    if (!strstr(text, cases[i].says)) fail_msg("expected '%s': %s", cases[i].says, text);
    assert_non_null(strstr(text, "Some/Where"));
    assert_non_null(strstr(text, "tzdata"));
  }
  memcpy(room, whole, berlin.n);
  memcpy(room + block + 8, room + block, 8); /* the same instant twice */
  assert_non_null(strstr(refusal(bytes), "not ascending"));
  assert_non_null(strstr(refusal((pl_str){"", 0}), "does not begin"));
  for (size_t n = 0; n < berlin.n; n++) (void)refusal((pl_str){whole, n});
}

static void mutated_files_are_refused_or_give_bounded_answers(void **state) {
  (void)state;
  static char whole[ZONE_FILE_MAX], room[ZONE_FILE_MAX];
  dice d = {seed()};
  int accepted = 0, refused = 0;
  for (int i = 0; i < 20000; i++) {
    char path[256];
    (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", some[below(&d, PL_COUNT(some))]);
    pl_str bytes = read_file(path, whole);
    size_t n = below(&d, 8) ? bytes.n : below(&d, (uint32_t)bytes.n + 1);
    char *exact = n ? pl_alloc(n) : room; /* its own block: a sanitizer sees the first byte read behind it */
    memcpy(exact, whole, n);
    for (uint32_t k = below(&d, 5); n && k > 0; k--) {
      size_t at = below(&d, 3) ? below(&d, (uint32_t)n) : n - 1 - below(&d, n < 40 ? (uint32_t)n : 40);
      exact[at] = (char)(below(&d, 2) ? roll(&d) : (uint64_t)exact[at] ^ 1u << below(&d, 8));
    }
    pl_zone *zone;
    pl_err err = {""};
    if (pl_zone_new(&zone, "mutant", (pl_str){exact, n}, &err) == PL_OK) {
      accepted++;
      for (int k = 0; k < 20; k++) check(zone, &d, k % 2 ? instant_near_now(&d) : (int64_t)roll(&d));
    } else {
      refused++;
      assert_null(zone);
      assert_non_null(strstr(err.text, "mutant"));
    }
    pl_zone_free(&zone);
    if (n) pl_release(exact, n);
  }
  printf("%d accepted, %d refused\n", accepted, refused);
  assert_true(accepted > 1000 && refused > 1000);
  assert_int_equal(pl_mem_live(), 0);
}

static void a_clock_on_the_wall_is_read_and_written_where_it_hangs(void **state) {
  (void)state;
  pl_zone *zone = zone_named("Europe/Berlin");
  const struct {
    const char *utc_shown; /* what the wall shows, as if it were UTC */
    int64_t shown_s, instant_s;
    const char *text;
  } cases[] = {
      {"2026-03-04 13:37:05", 1772631425, 1772627825, "2026-03-04 13:37:05"},
      {"2026-03-29 02:30, which is skipped", 1774751400, 1774746000, "2026-03-29 03:00"},
      {"2026-10-25 02:30, the first of two", 1792895400, 1792888200, "2026-10-25 02:30"},
      {"1969-12-31 23:59:59", -1, -3601, "1969-12-31 23:59:59"},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    char text[PL_LOCAL_MAX];
    pl_wall t = pl_zone_resolve(zone, cases[i].shown_s * 1000 + 250);
    if (t.ms != cases[i].instant_s * 1000 + 250) fail_msg("%s: %lld", cases[i].utc_shown, (long long)t.ms);
    assert_string_equal(pl_zone_text(zone, t, true, text), cases[i].text);
  }
  char text[PL_LOCAL_MAX];
  assert_string_equal(pl_zone_text(zone, pl_wall_s(1772627825), false, text), "2026-03-04 13:37");
  pl_zone_free(&zone);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_answer_is_that_of_python),
      cmocka_unit_test(ranges_and_days_hold_together_at_all_instants),
      cmocka_unit_test(every_zone_of_the_system_is_read_but_those_with_leap_seconds),
      cmocka_unit_test(rules_must_parse_or_must_not),
      cmocka_unit_test(rules_speak_of_days_in_three_ways),
      cmocka_unit_test(a_clock_on_the_wall_is_read_and_written_where_it_hangs),
      cmocka_unit_test(a_refusal_says_what_was_found_and_what_to_do),
      cmocka_unit_test(mutated_files_are_refused_or_give_bounded_answers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
