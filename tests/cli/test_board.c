/* The board as a reader sees it: drawn into bytes, read back as a terminal would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "cli/board.h"

enum { LINES_MAX = 128, COLUMNS_MAX = 512 };

/* What a terminal would show; knows the few sequences that a board may use and fails on any other. */
typedef struct {
  char cells[LINES_MAX][COLUMNS_MAX]; /* a character beyond ASCII is a '#' */
  int line, column, widest, colours;
} screen;

static void show(screen *s, pl_str bytes) {
  memset(s, 0, sizeof *s);
  for (size_t i = 0; i < bytes.n; i++) {
    unsigned char c = (unsigned char)bytes.p[i];
    if (c == 27) {
      assert_int_equal(bytes.p[++i], '[');
      while (!strchr("HJKm", bytes.p[++i])) assert_non_null(strchr("0123456789;", bytes.p[i]));
      s->colours += bytes.p[i] == 'm';
    } else if (c == '\r') {
      s->column = 0;
    } else if (c == '\n') {
      s->line++;
    } else if ((c & 0xC0) != 0x80) {
      assert_true(c >= 32 && c != 127 && s->line < LINES_MAX && s->column < COLUMNS_MAX);
      s->cells[s->line][s->column++] = c < 128 ? (char)c : '#';
      if (s->column > s->widest) s->widest = s->column;
    }
  }
}

static bool has(const screen *s, int line, const char *text) { return strstr(s->cells[line], text) != NULL; }

static int line_of(const screen *s, const char *text) {
  for (int i = 0; i < LINES_MAX; i++)
    if (has(s, i, text)) return i;
  return -1;
}

static pl_board_row row(const char *name, pl_pace_state state, double actual, double line, double chance) {
  pl_board_row r = {.state = state, .actual = actual, .line = line, .target = 40, .chance = chance};
  r.pace = actual / line, r.needed = 12;
  (void)snprintf(r.name, sizeof r.name, "%s", name);
  (void)snprintf(r.team, sizeof r.team, "North");
  (void)snprintf(r.goal, sizeof r.goal, "calls, day");
  return r;
}

static const pl_board_style usual = {
    .columns = 80, .lines = 24, .title = "paceline", .hints = {"first hint", "second hint"}};

static pl_board *some(void) {
  pl_board *b = PL_NEW(pl_board);
  b->now = (pl_wall){1780315200000}; /* Monday, 2026-06-01T12:00Z */
  b->reps[0] = row("Ann", PL_AHEAD, 30, 20, 0.99);
  b->reps[1] = row("Bob", PL_BEHIND, 5, 20, 0.05);
  b->reps[2] = row("Cleo", PL_AT_RISK, 18, 20, 0.4);
  b->reps[3] = row("Dan", PL_BEHIND, 3, 20, 0.01);
  b->reps[4] = row("Eve", PL_BEHIND, 39, 40, 0); /* too late: no working time is left */
  b->reps[4].needed = NAN;
  b->reps[5] = row("Flo", PL_MET, 41, 20, 1);
  b->nreps = 6;
  b->teams[0] = row("North", PL_ON_PACE, 100, 101, 0.6);
  b->nteams = 1;
  b->alerts[0] = (pl_board_alert){
      .kind = PL_ALERT_BEHIND, .at = {1780315200000}, .body = "Bob: calls, 5 of 40. 12 more today."};
  b->alerts[1] = (pl_board_alert){
      .kind = PL_ALERT_GOAL_MET, .at = {1780311600000}, .body = "Flo: calls, 41 of 40. Goal met."};
  b->nalerts = 2;
  pl_board_sort(b);
  return b;
}

static void draw(const pl_board *b, const pl_board_style *style, screen *s) {
  pl_buf out;
  pl_buf_init(&out, 1 << 20);
  pl_board_draw(b, style, &out);
  show(s, pl_buf_str(&out));
  pl_buf_fini(&out);
}

static void those_who_can_still_be_helped_come_first(void **state) {
  (void)state;
  static screen s;
  pl_board *b = some();
  draw(b, &usual, &s);
  static const char *const order[] = {"Dan", "Bob", "Cleo", "Eve", "Ann", "Flo"};
  for (size_t i = 0; i + 1 < PL_COUNT(order); i++) {
    assert_true(line_of(&s, order[i]) > 0);
    assert_true(line_of(&s, order[i]) < line_of(&s, order[i + 1]));
  }
  assert_true(has(&s, 0, "paceline  Mon 12:00 UTC   3 behind, 1 at risk, 1 ahead, 1 met"));
  assert_true(has(&s, line_of(&s, "Dan"), "0.15  behind"));
  PL_FREE(b);
}

static void a_screen_is_filled_exactly_whatever_its_size(void **state) {
  (void)state;
  static screen s;
  pl_board *b = some();
  for (size_t i = 6; i < 200; i++) {
    char name[32];
    (void)snprintf(name, sizeof name, "Somebody With A Long Name %zu", i);
    b->reps[i] = row(name, (pl_pace_state)(i % PL_PACE_STATES), (double)i * 1e5, 1e6, 0.5);
  }
  b->nreps = 200;
  for (size_t i = 1; i < 20; i++) b->teams[i] = b->teams[0];
  b->nteams = 20;
  pl_board_sort(b);
  for (int columns = 80; columns <= 160; columns += 3)
    for (int lines = 14; lines <= 70; lines += 7) {
      pl_board_style style = usual;
      style.columns = columns, style.lines = lines, style.colour = lines % 2;
      draw(b, &style, &s);
      assert_int_equal(s.line, lines - 1);
      assert_true(has(&s, lines - 1, "second hint"));
      assert_true(s.widest <= columns);
      assert_true(style.colour || s.colours == 0);
      assert_true(line_of(&s, " more: ") > 0);
    }
  PL_FREE(b);
}

static void columns_stand_under_their_titles(void **state) {
  (void)state;
  static screen s;
  pl_board *b = some();
  pl_board_style style = usual;
  style.columns = 140, style.lines = 40;
  draw(b, &style, &s);
  const char *titles = s.cells[line_of(&s, "REP")], *dan = s.cells[line_of(&s, "Dan")];
  assert_int_equal(strstr(titles, "STATE") - titles, strstr(dan, "behind") - dan);
  assert_int_equal(strstr(titles, "GOAL") - titles, strstr(dan, "calls, day") - dan);
  assert_int_equal(strstr(titles, "CHANCE") + 6 - titles, strstr(dan, "1 %") + 3 - dan);
  assert_int_equal(strstr(titles, "NEEDS") - titles, strstr(dan, "12 more") - dan);
  PL_FREE(b);
}

static void the_latest_alert_is_on_top_and_keeps_whole_sentences(void **state) {
  (void)state;
  static screen s;
  pl_board *b = some();
  pl_board_style style = usual;
  style.columns = 50;
  b->alerts[2] = (pl_board_alert){
      .kind = PL_ALERT_RECOVERED, .at = {1780317000000}, .body = "Late to arrive, last to be."};
  b->nalerts = 3;
  draw(b, &style, &s);
  int first = line_of(&s, "ALERTS") + 1;
  assert_true(has(&s, first, "Mon 12:30  recovered"));
  assert_true(has(&s, first + 1, "behind       Bob: calls, 5 of 40."));
  assert_false(has(&s, first + 1, "12 more"));
  assert_true(has(&s, first + 2, "goal met"));
  PL_FREE(b);
}

static void a_conversation_says_who_is_spoken_to_and_who_speaks(void **state) {
  (void)state;
  static screen s;
  pl_board *b = some();
  pl_board_alert told = {.kind = PL_ALERT_BEHIND, .at = {1780317000000}, .body = "12 more.", .who = "to Bob"},
                 said = {
                     .kind = PL_BOARD_ANSWER, .at = {1780317000001}, .body = "\"Back at it.\"", .who = "Bob"};
  pl_board_tell(b, &told), pl_board_tell(b, &said);
  draw(b, &usual, &s);
  int first = line_of(&s, "ALERTS") + 1;
  assert_true(has(&s, first, "answer       Bob: \"Back at it.\""));
  assert_true(has(&s, first + 1, "behind       to Bob: 12 more."));
  assert_int_equal(b->kinds[PL_BOARD_ANSWER], 1);
  PL_FREE(b);
}

static void a_gist_is_how_a_text_begins_and_what_it_quotes(void **state) {
  (void)state;
  static const char *const texts[][2] = {
      {"", ""},
      {"One. Two.", "One."},
      {"EUR 4.50 more! Then. So.", "EUR 4.50 more!"},
      {"Bob: calls, 5 of 40. So far 5. He said (11:05): “Ill. Back soon.”; plan: “Call.” Then.",
       "Bob: calls, 5 of 40. He said (11:05): “Ill. Back soon.”; plan: “Call.” Then."},
      {"Calls: 5. Chance 1%. Your plan: “Ten.”", "Calls: 5. Your plan: “Ten.”"},
      {"no end", "no end"}};
  for (size_t i = 0; i < PL_COUNT(texts); i++) {
    char text[200];
    (void)snprintf(text, sizeof text, "%s", texts[i][0]);
    pl_board_gist(text);
    assert_string_equal(text, texts[i][1]);
  }
}

static void names_cannot_steer_the_terminal(void **state) {
  (void)state;
  static screen s;
  pl_board *b = some();
  (void)snprintf(b->reps[0].name, sizeof b->reps[0].name, "\033[2J\r\nX\177\xC3\xA4");
  (void)snprintf(b->alerts[1].body, sizeof b->alerts[1].body, "\033]0;owned\007");
  draw(b, &usual, &s);
  assert_true(line_of(&s, "?[2J??X?#") > 0);
  assert_true(line_of(&s, "?]0;owned?") > 0);
  PL_FREE(b);
}

static void words_of_states_are_known(void **state) {
  (void)state;
  for (int s = 0; s < PL_PACE_STATES; s++)
    assert_int_equal(pl_board_state(pl_pace_state_name((pl_pace_state)s)), s);
  assert_int_equal(pl_board_state("splendid"), PL_UNKNOWN);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(those_who_can_still_be_helped_come_first),
      cmocka_unit_test(a_screen_is_filled_exactly_whatever_its_size),
      cmocka_unit_test(columns_stand_under_their_titles),
      cmocka_unit_test(the_latest_alert_is_on_top_and_keeps_whole_sentences),
      cmocka_unit_test(a_conversation_says_who_is_spoken_to_and_who_speaks),
      cmocka_unit_test(a_gist_is_how_a_text_begins_and_what_it_quotes),
      cmocka_unit_test(names_cannot_steer_the_terminal),
      cmocka_unit_test(words_of_states_are_known),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
