/* Token: what Redis may call one, and what becomes of it with each connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "codec/token.h"

static void a_lease_is_replaced_and_the_rest_stays(void **state) {
  (void)state;
  pl_token token = {""};
  assert_true(pl_token_take(&token, PL_STR("12-a1b2-7-1/00000000")));
  pl_token_renew(&token, 0x1f);
  assert_string_equal(token.text, "12-a1b2-7-1/0000001f");
  pl_token_renew(&token, UINT32_MAX);
  assert_string_equal(token.text, "12-a1b2-7-1/ffffffff");
  assert_string_equal(pl_token_lease(&token), "ffffffff");
}

/* A renewal wrote before the token's beginning. */
static void a_token_too_short_for_a_lease_is_none(void **state) {
  (void)state;
  static const pl_str bad[] = {{NULL, 0},
                               {"", 0},
                               {"1", 1},
                               {"1-0000000", 9},
                               {"00000000", 8},
                               {"1-2-00000000", 12},
                               {"1-\0/00000000", 12}};
  char longest[PL_TOKEN_MAX + 1];
  pl_token token = {""};
  assert_true(pl_token_take(&token, PL_STR("1/00000000")));
  for (size_t i = 0; i < PL_COUNT(bad); i++) assert_false(pl_token_take(&token, bad[i]));
  memset(longest, '1', sizeof longest);
  longest[PL_TOKEN_MAX - 10] = longest[PL_TOKEN_MAX - 9] = '/';
  assert_false(pl_token_take(&token, (pl_str){longest, PL_TOKEN_MAX}));
  assert_string_equal(token.text, "1/00000000");
  assert_true(pl_token_take(&token, (pl_str){longest, PL_TOKEN_MAX - 1}));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_lease_is_replaced_and_the_rest_stays),
      cmocka_unit_test(a_token_too_short_for_a_lease_is_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
