/* The language of phrases, a case a line; and what is no phrase, with its place. */
#include "codec/phrase.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"

static const struct {
  const char *name;
  pl_phrase_value value;
} values[] = {
    {"who", {.text = {"Ada", 3}}},
    {"small", {.text = {"ada", 3}}},
    {"one", {.text = {"1", 1}, .number = true, .is_one = true}},
    {"two", {.text = {"2", 1}, .number = true}},
    {"calls", {.text = {"calls", 5}, .one = {"call", 4}}},
    {"evil", {.text = {"{who} [x] \\ \n\t {@hello}", 23}}},
    {"turned",
     {.text = {"a\xE2\x80\xAE"
               "b\xC2\x85"
               "c\xFFg\0d",
               12}}},
};

static const struct {
  const char *name, *text;
} phrases[] = {
    {"hello", "Hello {who}"},
    {"lost", "Hello {nobody}"},
    {"nothing", "[{nobody}]"},
    {"round", "{@about}"},
    {"about", "so {@round}"},
    {"wide", "{@wider}{@wider}{@wider}{@wider}{@wider}{@wider}{@wider}{@wider}"},
    {"wider", "{@widest}{@widest}{@widest}{@widest}{@widest}{@widest}{@widest}{@widest}"},
    {"widest",
     "{who}{who}{who}{who}{who}{who}{who}{who}{who}{who}{who}{who}{who}{who}{who}{who}{who}{who}{who}"},
    {"wild", "{@wide}{@wide}{@wide}{@wide}{@wide}{@wide}"},
};

static char long_text[6000];

static bool value_of(void *ctx, pl_str name, pl_phrase_value *out) {
  (void)ctx;
  for (size_t i = 0; i < PL_COUNT(values); i++)
    if (pl_str_is(name, values[i].name)) *out = values[i].value;
  if (pl_str_is(name, "long"))
    out->text = (pl_str){memset(long_text, 'x', sizeof long_text), sizeof long_text};
  return out->text.n > 0;
}

static const char *phrase_of(void *ctx, pl_str name) {
  (void)ctx;
  for (size_t i = 0; i < PL_COUNT(phrases); i++)
    if (pl_str_is(name, phrases[i].name)) return phrases[i].text;
  return NULL;
}

static const pl_phrase_source source = {value_of, phrase_of, NULL};

static bool says(const char *text, const char *expected) {
  char room[8192];
  pl_buf out = {room, 0, sizeof room - 1, sizeof room - 1, false};
  bool said = pl_phrase_say(text, &source, &out);
  room[out.n] = 0;
  bool same = expected ? said && strcmp(room, expected) == 0 : !said && out.n == 0;
  if (!same)
    print_error("%s\n  says     %s\n  expected %s\n", text, said ? room : "(nothing)",
                expected ? expected : "(nothing)");
  return same;
}

static void a_phrase_says_what_its_places_hold(void **state) {
  static const struct {
    const char *text, *said; /* NULL: something is missing */
  } cases[] = {
      {"Hello", "Hello"},
      {"{who}", "Ada"},
      {"{who}, {nobody}", NULL},
      {"{Small} {small}", "Ada ada"},
      {"{one} {one|call|calls}, {two} {two|call|calls}", "1 call, 2 calls"},
      {"{calls:one} {calls:two} {Calls:one}", "call calls Call"},
      {"{calls:nobody}", NULL},
      {"{who:two} {who:one}", "Ada Ada"},
      {"a[ {who}][ {nobody}] b", "a Ada b"},
      {"[{nobody}|{who}|b]", "Ada"},
      {"[{nobody}|{noone}]", NULL},
      {"a [{nobody}|{noone}] b", "a b"},
      {"[a [{nobody}|b] [{nobody}] {who}]", "a b Ada"},
      {"[a [b] {nobody}] c", "c"},
      {"[{?who}yes|no] [{?nobody}yes|no] [{!who}yes|no] [{!nobody}yes|no]", "yes no no yes"},
      {"[{?who=Ada}yes|no] [{?who=Bo}yes|no] [{!who=Bo}yes|no] [{?nobody=}yes|no]", "yes no yes no"},
      {"{@hello}!", "Hello Ada!"},
      {"{@lost}", NULL},
      {"[{@lost}|nobody]", "nobody"},
      {"[ {@nothing}|empty]", "empty"}, /* what says nothing is missing */
      {"{@unknown}", NULL},
      {"a | b", "a | b"},
      {"\\{who\\} \\[x\\] \\\\ [a\\|b|c]", "{who} [x] \\ a|b"},
      {"{two|a\\|b|c\\}d}", "c}d"},
      {"one\\ntwo \\n\\n {nobody}", NULL},
      {"one \\n\\n two ", "one\ntwo"},
      {"  a   b  ", "a b"},
      {"", NULL},
      /* a value is never read */
      {"{evil}", "{who} [x] \\ {@hello}"},
      {"[{evil}]{?evil}", "{who} [x] \\ {@hello}"},
      {"{turned}", "a b c g d"},
      /* what does not end is not said */
      {"{@round}", NULL},
      {"a[{@about}] b", "a b"},
      {"{@wild}", NULL},
      {"{long}{who}", NULL},
  };
  (void)state;
  int wrong = 0;
  int64_t live = pl_mem_live();
  for (size_t i = 0; i < PL_COUNT(cases); i++) wrong += !says(cases[i].text, cases[i].said);
  assert_int_equal(wrong, 0);
  assert_int_equal(pl_mem_live(), live);
}

static bool knows(void *ctx, pl_phrase_of of, pl_str name) {
  pl_phrase_value value = {.number = false};
  (void)ctx;
  if (of == PL_PHRASE_OF_PHRASE) return phrase_of(NULL, name) != NULL;
  (void)value_of(NULL, name, &value);
  return of == PL_PHRASE_OF_NUMBER ? value.number
         : of == PL_PHRASE_OF_NOUN ? value.one.n > 0
                                   : value.text.n > 0;
}

static void what_is_no_phrase_is_refused_at_its_place(void **state) {
  static const struct {
    const char *text;
    size_t at;
    const char *why; /* its beginning; NULL: `name` is not known */
    const char *name;
  } cases[] = {
      {"a {who", 2, "found '{' without its '}'", NULL},
      {"a [who", 2, "found '[' without its ']'", NULL},
      {"[a [b]", 0, "found '[' without its ']'", NULL},
      {"a}", 1, "found '}' without its '{'", NULL},
      {"[a]]", 3, "found ']' without its '['", NULL},
      {"ab\\", 2, "found '\\' at the end", NULL},
      {"{}", 1, "found no name behind '{'", NULL},
      {"x{ who}", 2, "found no name behind '{'", NULL},
      {"{", 0, "found no name behind '{'", NULL},
      {"{who }", 4, "found a character that is in no name", NULL},
      {"{two|a}", 6, "found another number of words", NULL},
      {"{two|a|b|c}", 8, "found another number of words", NULL},
      {"{two|a|b", 0, "found '{' without its '}'", NULL},
      {"{calls:}", 7, "found no name behind ':'", NULL},
      {"[[[[[[[[[a]]]]]]]]]", 8, "found more than 8 brackets in each other", NULL},
      {"say {whom}", 5, NULL, "whom"},
      {"say {Whom}", 5, NULL, "Whom"},
      {"{?whom}", 2, NULL, "whom"},
      {"{who|a|b}", 1, NULL, "who"},
      {"{who:one}", 1, NULL, "who"},
      {"{calls:who}", 7, NULL, "who"},
      {"[{@helo}]", 3, NULL, "helo"},
  };
  (void)state;
  int bad = 0;
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    pl_phrase_wrong wrong = {.at = 999};
    bool good = pl_phrase_check(cases[i].text, knows, NULL, &wrong);
    bool right = !good && wrong.at == cases[i].at &&
                 (cases[i].name ? pl_str_is(wrong.name, cases[i].name)
                                : strncmp(wrong.why, cases[i].why, strlen(cases[i].why)) == 0);
    if (!right) print_error("%s: at %zu: %s\n", cases[i].text, wrong.at, good ? "good" : wrong.why);
    bad += !right;
  }
  static const char *const good[] = {
      "", "a", "{who}", "{Who}", "[a|{two|a|b}|{calls:one}]", "{@hello}[ {?who=x y}]", "\\{\\}\\[\\]|"};
  for (size_t i = 0; i < PL_COUNT(good); i++)
    assert_true(pl_phrase_check(good[i], knows, NULL, &(pl_phrase_wrong){0}));
  assert_int_equal(bad, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_phrase_says_what_its_places_hold),
      cmocka_unit_test(what_is_no_phrase_is_refused_at_its_place),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
