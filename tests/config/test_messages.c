/* What the configuration says of a language becomes a book; all of English, said again by the configuration,
 * is right; what is not said is warned of. */
#include "codec/phrasebook.h"
#include "config/option.h"
#include "world.h"

static pl_buf text;

static int start(void **state) {
  (void)state;
  pl_buf_init(&text, 1 << 20);
  return 0;
}

static int stop(void **state) {
  (void)state;
  pl_buf_fini(&text);
  return 0;
}

static pl_str part_of(const char *name) {
  const char *dot = strrchr(name, '.');
  bool part = dot && (strcmp(dot, ".title") == 0 || strcmp(dot, ".text") == 0 || strcmp(dot, ".body") == 0);
  return part ? pl_str_of(dot + 1) : (pl_str){0};
}

/* `body`: what is said beside no figures, in place of the texts. */
static void write_english(bool body) {
  pl_buf_clear(&text);
  pl_buf_text(&text, "messages:\n  languages:\n    xx:\n      words:\n");
  const char *name;
  for (size_t i = 0; (name = pl_phrasebook_name(i)); i++)
    if (!part_of(name).n) {
      pl_buf_printf(&text, "        %s: ", name);
      pl_yaml_quote(&text, pl_str_of(pl_phrasebook_find(&pl_english, pl_str_of(name)))),
          pl_buf_char(&text, '\n');
    }
  pl_buf_text(&text, "      texts:\n");
  for (size_t i = 0; (name = pl_phrasebook_name(i)); i++) {
    pl_str part = part_of(name);
    if (!pl_str_is(part, "title")) continue;
    int stem = (int)(strlen(name) - part.n - 1);
    pl_buf_printf(&text, "        %.*s:\n", stem, name);
    for (int k = 0; k < 2; k++) {
      char whole[100];
      (void)snprintf(whole, sizeof whole, "%.*s.%s", stem, name, k == 0 ? "title" : body ? "body" : "text");
      const char *said = pl_phrasebook_find(&pl_english, pl_str_of(whole));
      if (!said) continue;
      pl_buf_printf(&text, "          %s: ", k == 0 ? "title" : "text");
      pl_yaml_quote(&text, pl_str_of(said)), pl_buf_char(&text, '\n');
    }
  }
}

static void all_of_english_can_be_said_by_the_configuration(void **state) {
  (void)state;
  for (int body = 0; body < 2; body++) {
    write_english(body);
    pl_config *c = good(pl_buf_str(&text));
    pl_buf said;
    pl_buf_init(&said, 1 << 16);
    pl_config_outlook(c, 20514, &said);
    bool warned = said.n && memmem(said.p, said.n, "found no words", 14);
    assert_int_equal(warned, body); /* then texts are missing */
    check_fixed_point(c);
    pl_buf_fini(&said);
    pl_config_free(&c);
  }
}

static void what_is_left_in_english_is_warned_of(void **state) {
  (void)state;
  pl_config *c = good(
      PL_STR("metrics: {calls: {count: call, windows: [day]}}\n"
             "messages:\n  languages:\n    de: {words: {today: heute}}\n    en: {words: {today: now}}\n"));
  pl_buf said;
  pl_buf_init(&said, 1 << 16);
  pl_config_outlook(c, 20514, &said);
  pl_buf_char(&said, 0);
  static const char begins[] = "test.yaml:4:5: warning: messages.languages.de: found no words for ";
  if (strncmp(said.p, begins, sizeof begins - 1) != 0) fail_msg("%s", said.p);
  assert_non_null(strstr(said.p, "behind.rep.title, "));
  assert_non_null(strstr(said.p, ", ...), expected all; these are said in English\n"));
  assert_null(strstr(said.p, "languages.en"));
  pl_buf_fini(&said);
  pl_config_free(&c);
}

/* Those of English, too, as they are laid over. */
static void phrases_that_say_each_other_are_refused(void **state) {
  static const char *const words[] = {"{figures: \"{@figures}\"}", "{figures: \"[{@stands}|x]\"}",
                                      "{time: \"{@moment}\"}"};
  (void)state;
  for (size_t i = 0; i < PL_COUNT(words); i++) {
    pl_config *c = NULL;
    pl_buf said;
    pl_buf_init(&said, 1 << 16), pl_buf_clear(&text);
    pl_buf_text(&text, "messages: {languages: {de: {words: ");
    pl_buf_text(&text, words[i]), pl_buf_text(&text, "}}}\n");
    pl_status status = pl_config_parse(&c, "test.yaml", pl_buf_str(&text), NULL, &said);
    bool circle = said.n && memmem(said.p, said.n, "found a circle", 14);
    if (status == PL_OK) pl_config_free(&c);
    assert_int_equal(circle, i != 1);
    assert_int_equal(status, circle ? PL_REJECT : PL_OK);
    pl_buf_fini(&said);
  }
}

static void a_language_is_found_with_its_names_and_numbers(void **state) {
  (void)state;
  pl_config *c =
      good(PL_STR("messages:\n  language: de\n  languages:\n    de:\n      amounts: 1'234.5 CHF\n"
                  "      names: {calls: Anruf|Anrufe, revenue: Umsatz}\n"
                  "    en-US: {words: {time: \"{hour12}:{minute} {half}\"}, amounts: \"EUR 1234,5\"}\n"));
  const pl_phrasebook *german = pl_phrasebooks_find(&c->books, PL_STR("fr")),
                      *american = pl_phrasebooks_find(&c->books, PL_STR("en-US"));
  assert_string_equal(german->language, "de");
  assert_true(pl_str_is(german->group, "'") && pl_str_is(german->point, ".") && !german->unit_first);
  assert_true(pl_str_is(american->group, "") && pl_str_is(american->point, ",") && american->unit_first);
  pl_buf_clear(&text);
  pl_phrase_value calls = pl_phrasebook_noun(german, PL_STR("calls"), &text),
                  revenue = pl_phrasebook_noun(german, PL_STR("revenue"), &text),
                  other = pl_phrasebook_noun(american, PL_STR("calls"), &text);
  assert_true(pl_str_is(calls.one, "Anruf") && pl_str_is(calls.text, "Anrufe"));
  assert_true(pl_str_is(revenue.one, "Umsatz") && pl_str_is(revenue.text, "Umsatz"));
  assert_true(pl_str_is(other.one, "call"));
  check_fixed_point(c);
  pl_config_free(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_of_english_can_be_said_by_the_configuration),
      cmocka_unit_test(what_is_left_in_english_is_warned_of),
      cmocka_unit_test(phrases_that_say_each_other_are_refused),
      cmocka_unit_test(a_language_is_found_with_its_names_and_numbers),
  };
  return cmocka_run_group_tests(tests, start, stop);
}
