/* Numbers, nouns, instants and periods as a reader writes them, a case a line. */
#include "codec/phrasebook.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/civil.h"
#include "core/world.h"

static const pl_phrase german_phrases[] = {{"date", "{day}. {month}[ {year}]"},
                                           {"march", "März"},
                                           {"time", "{hour12}.{minute} {half}"},
                                           {"pm", "nachm."},
                                           {"behind.title", "alle"},
                                           {"behind.rep.text", "du"}};
static const pl_noun german_nouns[] = {{"calls", {"Anruf", 5}, {"Anrufe", 6}}, {"EUR", {"€", 3}, {"€", 3}}};
static const pl_phrasebook german = {.language = "de",
                                     .group = {".", 1},
                                     .point = {",", 1},
                                     .phrases = german_phrases,
                                     .nphrases = PL_COUNT(german_phrases),
                                     .nouns = german_nouns,
                                     .nnouns = PL_COUNT(german_nouns)};
static const pl_phrasebook french = {.language = "fr", .group = {"\xE2\x80\xAF", 3}, .point = {",", 1}};

static pl_buf out;

static const char *plain(void) {
  pl_buf_char(&out, 0);
  return out.p;
}

static void amounts_are_written_as_the_language_does(void **state) {
  static const struct {
    const pl_phrasebook *book;
    double v;
    int decimals;
    const char *unit, *text;
  } cases[] = {
      {&pl_english, 0, 0, "", "0"},
      {&pl_english, 999, 0, "", "999"},
      {&pl_english, 1000, 0, "", "1,000"},
      {&pl_english, -1000, 0, "", "-1,000"},
      {&pl_english, -100, 0, "", "-100"},
      {&pl_english, 1234567890, 0, "", "1,234,567,890"},
      {&pl_english, 1200.5, 2, "EUR", "EUR 1,200.50"},
      {&pl_english, 1200, 2, "EUR", "EUR 1,200"},
      {&pl_english, 1200.5, 2, "$", "$1,200.50"},
      {&pl_english, 3.5, 1, "h", "3.5 h"},
      {&pl_english, 19.86, 0, "", "20"},
      {&pl_english, -0.2, 0, "", "0"},
      {&pl_english, 0.0625, 4, "", "0.06"},
      {&pl_english, 0.0041, 4, "", "0.004"},
      {&pl_english, 0.00001, 4, "", "0"},
      {&pl_english, 0.5, -1, "", "0.50"},
      {&pl_english, 12, -1, "", "12"},
      {&pl_english, 1e15, 0, "", "1,000,000,000,000,000"},
      {&german, 1200.5, 2, "EUR", "1.200,50 €"},
      {&german, 1200.5, 2, "USD", "1.200,50 USD"},
      {&german, 3.5, 2, "Tage", "3,50 Tage"},
      {&french, 1234567.5, 1, "EUR",
       "1\xE2\x80\xAF"
       "234\xE2\x80\xAF"
       "567,5 EUR"},
  };
  (void)state;
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    pl_buf_clear(&out);
    pl_phrasebook_amount(cases[i].book, cases[i].v, cases[i].decimals, pl_str_of(cases[i].unit), &out);
    assert_string_equal(plain(), cases[i].text);
  }
}

static void a_noun_is_what_the_book_calls_it_or_what_its_name_says(void **state) {
  static const struct {
    const pl_phrasebook *book;
    const char *name, *one, *other;
  } cases[] = {
      {&pl_english, "calls", "call", "calls"},
      {&pl_english, "win_rate", "win rate", "win rate"},
      {&pl_english, "revenue.gtx", "revenue gtx", "revenue gtx"},
      {&pl_english, "business", "business", "business"},
      {&pl_english, "analysis", "analysis", "analysis"},
      {&german, "calls", "Anruf", "Anrufe"},
      {&german, "demos", "demos", "demos"},
  };
  (void)state;
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    pl_buf_clear(&out);
    pl_phrase_value noun = pl_phrasebook_noun(cases[i].book, pl_str_of(cases[i].name), &out);
    assert_true(pl_str_is(noun.text, cases[i].other));
    assert_true(pl_str_is(noun.one, cases[i].one));
  }
}

/* Seen from Wednesday 2026-03-04, 23:30 in Berlin, which is 22:30 in UTC. */
static const pl_wall now = {INT64_C(1772663400000)};

static void an_instant_is_said_from_where_the_reader_stands(void **state) {
  const struct {
    int64_t minutes; /* from now */
    const char *berlin, *german, *utc;
  } cases[] = {
      {0, "23:30", "11.30 nachm.", "2026-03-04T22:30:00Z"},
      {29, "23:59", "11.59 nachm.", "2026-03-04T22:59:00Z"},
      {30, "tomorrow 00:00", "tomorrow 12.00 am", "2026-03-04T23:00:00Z"},
      {-24 * 60, "yesterday 23:30", "yesterday 11.30 nachm.", "2026-03-03T22:30:00Z"},
      {-2 * 24 * 60, "Monday 23:30", "Monday 11.30 nachm.", "2026-03-02T22:30:00Z"},
      {6 * 24 * 60, "Tuesday 23:30", "Tuesday 11.30 nachm.", "2026-03-10T22:30:00Z"},
      {7 * 24 * 60, "11 March 23:30", "11. März 11.30 nachm.", "2026-03-11T22:30:00Z"},
      {40 * 24 * 60, "14 April 00:30", "14. April 12.30 am", "2026-04-13T22:30:00Z"},
      {-70 * 24 * 60, "24 December 2025 23:30", "24. December 2025 11.30 nachm.", "2025-12-24T22:30:00Z"},
  };
  (void)state;
  pl_buf tzif;
  pl_zone *zone;
  pl_err err;
  pl_buf_init(&tzif, 1 << 16);
  assert_true(world_zone_load(NULL, "Europe/Berlin", &tzif));
  assert_int_equal(pl_zone_new(&zone, "Europe/Berlin", pl_buf_str(&tzif), &err), PL_OK);
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    pl_wall t = {now.ms + cases[i].minutes * 60000};
    pl_buf_clear(&out), pl_phrasebook_moment(&pl_english, zone, t, now, &out);
    assert_string_equal(plain(), cases[i].berlin);
    pl_buf_clear(&out), pl_phrasebook_moment(&german, zone, t, now, &out);
    assert_string_equal(plain(), cases[i].german);
    pl_buf_clear(&out), pl_phrasebook_moment(&pl_english, NULL, t, now, &out);
    assert_string_equal(plain(), cases[i].utc);
  }
  pl_zone_free(&zone);
  pl_buf_fini(&tzif);
}

static void a_period_is_said_as_people_do(void **state) {
  static const struct {
    const char *period, *text;
  } cases[] = {
      {"2026-03-04", "today"},
      {"2026-03-03", "yesterday"},
      {"2026-03-05", "tomorrow"},
      {"2026-03-02", "on Monday"},
      {"2026-02-20", "on 20 February"},
      {"2025-12-24", "on 24 December 2025"},
      {"2026-W10", "this week"},
      {"2026-W09", "last week"},
      {"2026-W07", "in week 7"},
      {"2025-W50", "in week 50 of 2025"},
      {"2026-W01", "in week 1"},
      {"2026-03", "in March"},
      {"2026-02", "in February"},
      {"2025-03", "in March 2025"},
      {"2026-Q1", "this quarter"},
      {"2025-Q4", "last quarter"},
      {"2025-Q2", "in Q2 2025"},
      {"2026", "this year"},
      {"2025", "last year"},
      {"2024", "in 2024"},
      {"FY2026-Q1", "in FY2026 Q1"},
      {"FY2026-P03", "in FY2026 P03"},
      {"nonsense", "in nonsense"},
  };
  (void)state;
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    pl_buf_clear(&out);
    pl_phrasebook_period(&pl_english, NULL, pl_str_of(cases[i].period), now, &out);
    assert_string_equal(plain(), cases[i].text);
  }
}

static void a_language_s_own_words_go_first(void **state) {
  (void)state;
  const pl_phrasebooks books = {&german, 1, "de"}, none = {NULL, 0, NULL};
  assert_string_equal(pl_phrasebooks_find(&books, PL_STR("de-AT"))->language, "de");
  assert_string_equal(pl_phrasebooks_find(&books, PL_STR("fr"))->language, "de");
  assert_string_equal(pl_phrasebooks_find(&books, PL_STR("en-GB"))->language, "en");
  assert_string_equal(pl_phrasebooks_find(&books, (pl_str){0})->language, "de");
  assert_string_equal(pl_phrasebooks_find(&none, PL_STR("de"))->language, "en");
  assert_null(pl_phrasebooks_own(&books, PL_STR("den")));
  assert_string_equal(pl_phrasebook_part(&german, "behind", "rep", "title"),
                      "alle"); /* not English for reps */
  assert_string_equal(pl_phrasebook_part(&german, "behind", "rep", "text"), "du");
  assert_non_null(strstr(pl_phrasebook_part(&german, "behind", "ops", "text"), "their_cause"));
  assert_null(pl_phrasebook_part(&german, "nothing", "rep", "title"));
  assert_true(pl_phrasebook_has(&german, PL_STR("behind.rep.title")));
  assert_false(pl_phrasebook_has(&german, PL_STR("behind.text")));
  assert_false(pl_phrasebook_has(&german, PL_STR("digest.rep.title")));
  assert_true(pl_phrasebook_is_message(PL_STR("behind")) && pl_phrasebook_is_message(PL_STR("behind.team")));
  assert_true(pl_phrasebook_is_message(PL_STR("digest.help.manager")));
  assert_false(pl_phrasebook_is_message(PL_STR("today")) || pl_phrasebook_is_message(PL_STR("behind.boss")));
}

static int start(void **state) {
  (void)state;
  pl_buf_init(&out, 1 << 16);
  return 0;
}

static int stop(void **state) {
  (void)state;
  pl_buf_fini(&out);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(amounts_are_written_as_the_language_does),
      cmocka_unit_test(a_noun_is_what_the_book_calls_it_or_what_its_name_says),
      cmocka_unit_test(an_instant_is_said_from_where_the_reader_stands),
      cmocka_unit_test(a_period_is_said_as_people_do),
      cmocka_unit_test(a_language_s_own_words_go_first),
  };
  return cmocka_run_group_tests(tests, start, stop);
}
