/* Scenarios: what is wrong in a file is said with its place, to the letter; what does not come true is said
 * with what was found; and a damaged file never does harm. */
#include "cli/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
/* after what they need */
#include <cmocka.h>

#include "base/mem.h"
#include "base/random.h"
#include "cli/play.h"

static const char policy[] =
    "zone: UTC\n"
    "metrics:\n"
    "  calls:    {count: call, where: {channel: [phone]}, windows: [1h, day, week]}\n"
    "  won:      {count: deal_won, windows: [month]}\n"
    "  closed:   {count: [deal_won, deal_lost], windows: [month]}\n"
    "  win_rate: {ratio: [won, closed]}\n"
    "  revenue:  {sum: amount, of: deal_won, decimals: 2, windows: [month]}\n"
    "teams: {north: {manager: nils}}\n"
    "reps: {ada: {team: north}, ben: {team: north}}\n"
    "goals:\n"
    "  daily: {each: north, metric: calls, period: day, target: 40}\n"
    "  money: {team: north, metric: revenue, period: month, target: 9000}\n"
    "alerts: {silent_after: never, behind: {manager: never}}\n"; /* nobody works here for a day and more */

/* The policy, and the file under test beside it. */
static char folder[64], policy_path[96], path[96];
static pl_buf said;
static int64_t live;

static void write_file(const char *at, pl_str text) {
  FILE *file = fopen(at, "w");
  assert_non_null(file);
  assert_int_equal(fwrite(text.p, 1, text.n, file), text.n);
  assert_int_equal(fclose(file), 0);
}

static int set_up(void **state) {
  (void)state;
  const char *where = getenv("TMPDIR");
  (void)snprintf(folder, sizeof folder, "%s/scenarios-XXXXXX", where ? where : P_tmpdir);
  if (!mkdtemp(folder)) return -1;
  (void)snprintf(policy_path, sizeof policy_path, "%s/policy.yaml", folder);
  (void)snprintf(path, sizeof path, "%s/a.test.yaml", folder);
  write_file(policy_path, pl_str_of(policy));
  live = pl_mem_live();
  pl_buf_init(&said, 1 << 20);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  pl_buf_fini(&said);
  (void)unlink(path), (void)unlink(policy_path);
  return pl_mem_live() == live ? rmdir(folder) : -1;
}

/* Messages without the folder in front of each. */
static const char *plain(void) {
  static char text[1 << 16];
  size_t n = 0, skip = strlen(folder) + 1;
  for (size_t i = 0; i < said.n && n < sizeof text - 1;) {
    bool is_path = said.n - i > skip && memcmp(said.p + i, folder, skip - 1) == 0;
    if (is_path) i += skip;
    text[n++] = said.p[i++];
  }
  text[n] = 0;
  return text;
}

/* The file's text: one scenario, whose lines these are. */
static pl_status load(pl_scenarios **all, const char *lines) {
  pl_buf text;
  pl_buf_init(&text, 1 << 16);
  pl_buf_text(&text, "policy: policy.yaml\nscenarios:\n  one:\n    ");
  for (; *lines; lines++) {
    pl_buf_char(&text, *lines);
    if (*lines == '\n') pl_buf_text(&text, "    ");
  }
  write_file(path, pl_buf_str(&text));
  pl_buf_fini(&text);
  pl_buf_clear(&said);
  return pl_scenarios_load(all, path, NULL, &said);
}

/* How many expectations failed. The pieces, one a line, are said in this order, from line to line. */
static size_t played(const char *lines, const char *pieces) {
  pl_scenarios *all;
  size_t failed = 0;
  pl_err err = {""};
  if (load(&all, lines) != PL_OK) fail_msg("%s", plain());
  assert_int_equal(pl_play(&all->list[0], path, &failed, &said, NULL, &err), PL_OK);
  const char *at = plain();
  for (const char *end; *pieces; pieces = end + 1) {
    char piece[200];
    end = strchr(pieces, '\n');
    (void)snprintf(piece, sizeof piece, "%.*s", (int)(end - pieces), pieces);
    const char *found = strstr(at, piece);
    if (!found) print_error("not found: %s\n--- %s\n", piece, plain());
    assert_non_null(found);
    at = found + strlen(piece);
    at += strcspn(at, "\n");
  }
  if (failed == 0) assert_string_equal(plain(), "");
  pl_scenarios_free(&all);
  return failed;
}

static pl_str cut(pl_str *rest, const char *at) {
  const char *p = rest->n ? memmem(rest->p, rest->n, at, strlen(at)) : NULL;
  pl_str head = {rest->p, p ? (size_t)(p - rest->p) : rest->n};
  size_t gone = head.n + (p ? strlen(at) : 0);
  *rest = (pl_str){rest->p + gone, rest->n - gone};
  return head;
}

/* The text with each `from` as `to`. */
static void put_all(pl_str text, const char *from, const char *to, pl_buf *out) {
  while (text.n) {
    pl_buf_str_put(out, cut(&text, from));
    if (text.n) pl_buf_text(out, to);
  }
}

static bool check_line(pl_str line) {
  pl_str expected = line, given = cut(&expected, " => ");
  pl_buf lines, found;
  pl_buf_init(&lines, 1 << 16), pl_buf_init(&found, 1 << 16);
  put_all(given, "\\n", "\n", &lines);
  pl_buf_char(&lines, 0);
  pl_scenarios *all;
  bool same = load(&all, lines.p) == PL_REJECT && !all;
  put_all(pl_str_of(plain()), "\n", " | ", &found);
  same = same && pl_str_eq(pl_buf_str(&found), expected);
  if (!same) print_error("%.*s => %.*s\n", (int)given.n, given.p, (int)found.n, found.p ? found.p : "");
  pl_scenarios_free(&all);
  pl_buf_fini(&lines), pl_buf_fini(&found);
  return same;
}

static void a_wrong_scenario_is_refused_with_its_place(void **state) {
  (void)state;
  static char table[1 << 16];
  FILE *file = fopen("tests/cli/wrong_scenarios.txt", "r");
  assert_non_null(file);
  pl_str rest = {table, fread(table, 1, sizeof table, file)};
  assert_int_equal(fclose(file), 0);
  int wrong = 0, lines = 0;
  while (rest.n) {
    pl_str line = cut(&rest, "\n");
    if (line.n == 0 || line.p[0] == '#') continue;
    lines++, wrong += !check_line(line);
  }
  assert_int_equal(wrong, 0);
  assert_true(lines > 30);
}

#define DAY "start: 2026-03-02\nabout: [ada, north]\n"

static void what_comes_true_says_nothing(void **state) {
  (void)state;
  assert_int_equal(
      played(DAY "events:\n"
                 "  - 09:00 ada call channel=phone x3\n"
                 "  - 09:10 ada call channel=mail\n"
                 "  - 09:20 ada deal_won amount=12.5\n"
                 "  - 09:30 ben deal_won amount=0.25\n"
                 "  - 09:40 ben deal_lost x2\n"
                 "at:\n"
                 "  09:59: {ada: {calls:1h: 3}}\n"
                 "  10:00:\n"
                 "    ada: {calls:day: 3, calls:1h: 0, calls:week:prev: 0, daily: at_risk}\n"
                 "    ben: {calls:day: 0, win_rate:month: 0.33}\n"
                 "    north: {revenue:month: 12.75, win_rate:month: 0.5, money: {actual: 12.75}}\n"
                 "    none: [behind]\n"
                 "  10:01: {ada: {daily: {pace: below 1, chance: above 0.1}}}\n"
                 "  12:00: {ada: {calls:1h: 0}, alerts: [behind daily ada]}\n"
                 "  tue 00:00: {ada: {daily 2026-03-02: {state: missed, actual: 3, judged_at: none}}}\n",
             ""),
      0);
}

static void a_wrong_figure_is_said_with_all_figures_of_its_goal_once(void **state) {
  (void)state;
  assert_int_equal(
      played(
          DAY
          "at: {12:00: {ada: {daily: {state: met, line: 15.1, pace: 0, judged_at: \"10:00\"}, calls:day: 1,"
          " daily 2026-03-01: met}}}",
          "a.test.yaml:6:39: at 2026-03-02 12:00, ada daily state: found behind, expected met\n"
          "    state behind, target 40, agreed 40, actual 0, line 15.00, pace 0.0000,\n"
          "a.test.yaml:6:50: at 2026-03-02 12:00, ada daily line: found 15.00, expected 15.1\n"
          "a.test.yaml:6:76: at 2026-03-02 12:00, ada daily judged_at: found none, expected 10:00\n"
          "a.test.yaml:6:97: at 2026-03-02 12:00, ada calls:day: found 0, expected 1\n"
          "a.test.yaml:6:118: at 2026-03-02 12:00, ada daily 2026-03-01 state: found no such period, "
          "expected met\n"),
      5);
  const char *first = strstr(plain(), "    state");
  assert_null(strstr(first + 1, "    state"));
}

/* A star stands before what was told since `alerts` were compared before. */
static void what_was_told_is_listed_beside_what_was_expected(void **state) {
  (void)state;
  assert_int_equal(
      played(DAY "at:\n"
                 "  12:00: {alerts: []}\n"
                 "  13:00: {alerts: [behind]}\n"
                 "  tue 00:00: {alerts: [behind], none: [recovered, goal_missed ada]}\n",
             "a.test.yaml:7:23: at 2026-03-02 12:00, alerts: told more than expected\n"
             "    told until then:\n"
             "    * 2026-03-02 10:25:04 behind daily ada to rep ada: Calls today: 40 more by \n"
             "a.test.yaml:8:23: at 2026-03-02 13:00, alerts: behind: expected, but not told\n"
             "    told until then:\n"
             "      2026-03-02 10:25:04 behind daily ada to rep ada: Calls \n"
             "a.test.yaml:9:27: at 2026-03-03 00:00, alerts: behind: expected next, something else was "
             "told\n"
             "      2026-03-02 10:25:04 behind daily ada to rep ada: Calls \n"
             "    * 2026-03-03 00:00 goal_missed daily ada to rep ada: Calls \n"
             "a.test.yaml:9:43: at 2026-03-03 00:00, none: goal_missed ada: told, expected not to be\n"),
      4);
}

static void an_event_that_is_refused_fails_unless_it_is_said_to_be(void **state) {
  (void)state;
  assert_int_equal(
      played(DAY "events:\n"
                 "  - 09:00 ada deal_won amount=1.001\n"
                 "  - 09:00 ada deal_won amount=1.001 refused bad_value\n"
                 "  - 09:30 ada call refused late\n"
                 "at: {10:00: {ada: {revenue:month: 0}}}\n",
             "a.test.yaml:7:9: 09:00 ada deal_won amount=1.001: found it refused: bad_value, expected "
             "it applied\n"
             "a.test.yaml:9:9: 09:30 ada call refused late: found it applied, expected it refused: "
             "late\n"),
      2);
}

/* What happens to all at one instant is in the order of who. */
static void alerts_of_one_instant_come_in_the_order_of_names(void **state) {
  (void)state;
  assert_int_equal(played("start: 2026-03-02\nat:\n"
                          "  mon 12:00: {alerts: [behind daily ada, behind daily ben]}\n"
                          "  tue 00:00: {alerts: [goal_missed daily ada, goal_missed daily ben]}\n",
                          ""),
                   0);
}

static void a_roster_that_comes_from_kafka_is_laid_over_for_the_test(void **state) {
  (void)state;
  write_file(policy_path, PL_STR("zone: UTC\nmetrics: {calls: {count: call, windows: [day]}}\n"
                                 "alerts: {silent_after: never, behind: {manager: never}}\n"));
  assert_int_equal(played("start: 2026-03-02\n"
                          "with:\n"
                          "  reps: {ada: {zone: Asia/Tokyo}}\n"
                          "  goals: {daily: {rep: ada, metric: calls, period: day, target: 1}}\n"
                          "events: [15:10 ada call]\n"
                          "at: {15:01: {ada: {daily 2026-03-03: not_started}, alerts: [behind, "
                          "goal_missed]}, 15:10: {alerts: [goal_met to rep]}}\n",
                          ""),
                   0);
}

static void an_answer_to_what_was_never_told_is_refused(void **state) {
  (void)state;
  assert_int_equal(
      played("start: 2026-03-02\n"
             "events:\n"
             "  - 10:00 ada answer goal=daily reason=\"Two days off\" plan=Calls refused no_alert\n"
             "  - 10:01 ada answer reason=sick refused no_alert\n"
             "at: {10:05: {alerts: []}}\n",
             ""),
      0);
}

/* Drops, doubles or replaces a piece. */
static void damage(pl_random *r, pl_buf *text) {
  static const char spice[] = "0123456789012345:,-. ~#x{}[]\"'\n\\";
  size_t n = text->n, from = (size_t)pl_random_in(r, 0, (int64_t)n - 2),
         piece = (size_t)pl_random_in(r, 1, (int64_t)(n - from < 4 ? n - from : 4));
  char copy[4];
  memcpy(copy, text->p + from, piece);
  switch (pl_random_in(r, 0, 2)) {
  case 0:
    memmove(text->p + from, text->p + from + piece, n - from - piece);
    text->n -= piece;
    break;
  case 1:
    pl_buf_put(text, copy, piece); /* makes room; what follows the piece moves up */
    memmove(text->p + from + piece, text->p + from, n - from);
    break;
  default: text->p[from] = spice[pl_random_in(r, 0, (int64_t)sizeof spice - 2)];
  }
}

static void a_damaged_file_is_refused_with_words_or_is_played(void **state) {
  (void)state;
  static const char original[] =
      "policy: policy.yaml\nzone: UTC\nscenarios:\n"
      "  one:\n    start: 2026-03-02\n    about: [ada, north]\n"
      "    events:\n      - 09:00 ada call channel=phone x3\n"
      "      - tue 10:00..12:00 every 10min ben deal_won amount=12.50 received wed 12:00\n"
      "      - 2026-03-02..2026-03-04 10:00 ada call id=a refused duplicate\n"
      "      - 15:00 ada answer goal=daily reason=\"Two days off\" plan=calls\n"
      "    at:\n      13:00: {ada: {daily: {state: behind, line: below 40, judged_at: none}, calls:day: 3}}\n"
      "      tue 00:00: {ada: {daily 2026-03-02: missed}, alerts: [behind daily ada to rep ada], none: "
      "[recovered]}\n"
      "  two:\n    start: 2026-03-02 08:00\n    zone: UTC\n    with: {goals: {daily: {target: 3}, money: "
      "~}}\n"
      "    at: {12:00: {north: {revenue:month: 0}}}\n";
  pl_random r = pl_random_of(pl_random_seed(20260302));
  int good = 0, rounds = 1000;
  pl_buf text;
  pl_buf_init(&text, 1 << 16);
  for (int round = 0; round < rounds; round++) {
    pl_buf_clear(&text), pl_buf_clear(&said);
    pl_buf_put(&text, original, sizeof original - 1);
    for (int64_t n = pl_random_in(&r, 1, 2); n > 0; n--) damage(&r, &text);
    write_file(path, pl_buf_str(&text));
    pl_scenarios *all;
    if (pl_scenarios_load(&all, path, NULL, &said) != PL_OK) {
      assert_true(said.n > 0 && said.p[said.n - 1] == '\n');
      continue;
    }
    good++;
    for (size_t i = 0; i < all->n; i++) {
      size_t failed = 0;
      pl_err err = {""};
      pl_buf_clear(&said);
      pl_status status = pl_play(&all->list[i], path, &failed, &said, NULL, &err);
      assert_true(status == PL_OK ? (failed > 0) == (said.n > 0) : err.text[0] != 0);
    }
    pl_scenarios_free(&all);
  }
  pl_buf_fini(&text);
  assert_in_range(good, rounds / 50, rounds - rounds / 50); /* both halves of the sentence were tried */
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      SCENE(a_wrong_scenario_is_refused_with_its_place),
      SCENE(what_comes_true_says_nothing),
      SCENE(a_wrong_figure_is_said_with_all_figures_of_its_goal_once),
      SCENE(what_was_told_is_listed_beside_what_was_expected),
      SCENE(an_event_that_is_refused_fails_unless_it_is_said_to_be),
      SCENE(alerts_of_one_instant_come_in_the_order_of_names),
      SCENE(a_roster_that_comes_from_kafka_is_laid_over_for_the_test),
      SCENE(an_answer_to_what_was_never_told_is_refused),
      SCENE(a_damaged_file_is_refused_with_words_or_is_played),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
