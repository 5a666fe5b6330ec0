/* Passes and their alphabet: what is written is read, and nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
/* after what they need */
#include <cmocka.h>

#include "base/random.h"
#include "codec/base64url.h"
#include "codec/pass.h"

static void base64url_is_that_of_rfc_4648_without_padding(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xFB\xFF\xBF", "-_-_"}};
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    char room[8], text[16];
    size_t n;
    pl_buf out = {text, 0, sizeof text, sizeof text, false};
    pl_base64url_put(&out, pl_str_of(cases[i][0]));
    assert_true(pl_str_is(pl_buf_str(&out), cases[i][1]));
    assert_true(pl_base64url_get(pl_buf_str(&out), room, sizeof room, &n));
    assert_true(pl_str_is((pl_str){room, n}, cases[i][0]));
  }
}

static void what_base64url_would_not_write_it_does_not_read(void **state) {
  (void)state;
  static const char *const cases[] = {"Z",    "Zh",    "Zm9",      "Zg==",      "Zm9+",
                                      "Zm9/", "Zm 9v", "Zm9vYm\n", "Zm9vYmFyYm"};
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    char room[6];
    size_t n;
    if (pl_base64url_get(pl_str_of(cases[i]), room, sizeof room, &n)) fail_msg("%s", cases[i]);
  }
  char room[6];
  size_t n;
  assert_false(pl_base64url_get((pl_str){"Zm9v\0Zm9", 8}, room, sizeof room, &n));
}

static void any_bytes_come_back(void **state) {
  (void)state;
  pl_random r = pl_random_of(pl_random_seed(4648));
  for (int round = 0; round < 1000; round++) {
    char bytes[100], back[100], text[140];
    size_t size = (size_t)pl_random_in(&r, 0, sizeof bytes), n;
    for (size_t i = 0; i < size; i++) bytes[i] = (char)pl_random_in(&r, -128, 127);
    pl_buf out = {text, 0, sizeof text, sizeof text, false};
    pl_base64url_put(&out, (pl_str){bytes, size});
    assert_true(pl_base64url_get(pl_buf_str(&out), back, sizeof back, &n) && n == size);
    assert_memory_equal(bytes, back, size);
  }
}

static void a_pass_comes_back(void **state) {
  (void)state;
  static char longest[PL_ID_MAX + 1], alert[PL_PASS_ALERT_MAX + 1];
  memset(longest, 'x', PL_ID_MAX), memset(alert, 'a', PL_PASS_ALERT_MAX);
  const pl_pass cases[] = {
      {.role = PL_ROLE_REP,
       .until_s = 1772800000,
       .subject = PL_STR("ada"),
       .alert = PL_STR("0f3a"),
       .goal = PL_STR("q 1")},
      {.role = PL_ROLE_MANAGER, .until_s = 0, .subject = PL_STR("J\xC3\xBCrgen the 2nd")},
      {.role = PL_ROLE_OPS, .until_s = 1772800000},
      {.role = PL_ROLE_MANAGER,
       .until_s = INT64_MAX,
       .subject = pl_str_of(longest),
       .alert = pl_str_of(alert),
       .goal = pl_str_of(longest)},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    pl_pass back = {.role = PL_ROLES};
    pl_buf text;
    pl_buf_init(&text, PL_PASS_MAX);
    pl_pass_encode(&cases[i], &text);
    assert_true(!text.full && pl_pass_decode(pl_buf_str(&text), &back));
    assert_true(back.role == cases[i].role && back.until_s == cases[i].until_s);
    assert_true(pl_str_eq(back.alert, cases[i].alert) && pl_str_eq(back.subject, cases[i].subject) &&
                pl_str_eq(back.goal, cases[i].goal));
    pl_buf_fini(&text);
  }
}

static void what_is_no_pass_is_refused(void **state) {
  (void)state;
  static const char *const cases[] = {
      "",
      "rep",
      "rep\n1\nada",
      "rep\n1\nada\n0f3a",
      "rap\n1\nada\n\n",
      "rep\nx\nada\n\n",
      "rep\n-1\nada\n\n",
      "rep\n99999999999999999999\nada\n\n",
      "rep\n1\nada\na\x1B\n",
      "rep\n1\nada\n\na\nb",
      "rep\n1\n\xFF\n\n",
      "rep\n1\nada\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    pl_pass pass;
    pl_buf text;
    pl_buf_init(&text, PL_PASS_MAX);
    pl_buf_text(&text, "pl1.");
    pl_base64url_put(&text, pl_str_of(cases[i]));
    if (pl_pass_decode(pl_buf_str(&text), &pass)) fail_msg("%s", cases[i]);
    pl_buf_fini(&text);
  }
  pl_pass pass;
  assert_false(pl_pass_decode(PL_STR("pl2.cmVwCjEKYWRhCgo"), &pass));
  assert_false(pl_pass_decode(PL_STR("pl1"), &pass));
  assert_true(pl_pass_decode(PL_STR("pl1.cmVwCjEKYWRhCgo"), &pass));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(base64url_is_that_of_rfc_4648_without_padding),
      cmocka_unit_test(what_base64url_would_not_write_it_does_not_read),
      cmocka_unit_test(any_bytes_come_back),
      cmocka_unit_test(a_pass_comes_back),
      cmocka_unit_test(what_is_no_pass_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
