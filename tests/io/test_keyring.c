/* Keyrings: whose signature is taken, and that keys are rotated without a token being lost. The signatures of
 * the first test were made by Python's hmac. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
/* after what they need */
#include <cmocka.h>

#include "base/mem.h"
#include "codec/pass.h"
#include "io/linker.h"

#define NEW    "0123456789abcdef0123456789abcdef"
#define OLD    "an older key of the same firm"
#define TEXT   "pl1.cmVwCjEKYWRhCgo"
#define BY_NEW TEXT ".7H3LjX9bNC_wSnKgXdnhU-ZAQk5kFhtyS4THYIR54sU"
#define BY_OLD TEXT ".zlPORYzu9oRxSXc36jLAzo30lyG-OkH5jG39PNXKsAA"

static char path[64];

static int set_up(void **state) {
  (void)state;
  const char *where = getenv("TMPDIR");
  (void)snprintf(path, sizeof path, "%s/keys-XXXXXX", where ? where : P_tmpdir);
  int fd = mkstemp(path);
  return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state) {
  (void)state;
  return unlink(path);
}

static pl_status read_keys(pl_keyring *keys, const char *text, pl_err *err) {
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_true(fputs(text, file) >= 0 && fclose(file) == 0);
  return pl_keyring_read(keys, path, err);
}

static bool taken(const pl_keyring *keys, const char *token) {
  pl_str text;
  bool good = pl_keyring_check(keys, pl_str_of(token), &text);
  assert_true(!good || pl_str_is(text, TEXT));
  return good;
}

static void the_first_key_signs_and_all_of_them_check(void **state) {
  (void)state;
  pl_err err;
  int64_t before = pl_mem_live();
  pl_keyring *keys = pl_keyring_new();
  assert_false(taken(keys, BY_NEW));
  assert_int_equal(read_keys(keys, OLD "\n", &err), PL_OK);
  assert_true(taken(keys, BY_OLD) && !taken(keys, BY_NEW));
  assert_int_equal(read_keys(keys, "# new\n" NEW "\r\n\n" OLD, &err), PL_OK);
  assert_true(taken(keys, BY_OLD) && taken(keys, BY_NEW));
  pl_buf token;
  pl_buf_init(&token, PL_PASS_MAX);
  pl_buf_text(&token, TEXT);
  pl_keyring_sign(keys, &token);
  assert_true(pl_str_is(pl_buf_str(&token), BY_NEW));
  pl_buf_fini(&token);
  assert_int_equal(read_keys(keys, NEW "\n", &err), PL_OK);
  assert_true(!taken(keys, BY_OLD) && taken(keys, BY_NEW));
  pl_keyring_free(&keys);
  assert_int_equal(pl_mem_live(), before);
}

static void keys_that_cannot_be_read_leave_those_before(void **state) {
  (void)state;
  pl_err err;
  pl_keyring *keys = pl_keyring_new();
  assert_int_equal(read_keys(keys, NEW "\n", &err), PL_OK);
  assert_int_equal(read_keys(keys, OLD "\nshort\n", &err), PL_REJECT);
  assert_non_null(strstr(err.text, "line 2"));
  assert_null(strstr(err.text, "short\n"));
  assert_true(taken(keys, BY_NEW) && !taken(keys, BY_OLD));
  pl_keyring_free(&keys);
}

static void a_token_with_one_thing_changed_is_not_taken(void **state) {
  (void)state;
  pl_err err;
  pl_keyring *keys = pl_keyring_new();
  assert_int_equal(read_keys(keys, NEW "\n", &err), PL_OK);
  const char whole[] = BY_NEW;
  for (size_t i = 0; i < sizeof whole - 1; i++) {
    char other[sizeof whole];
    memcpy(other, whole, sizeof whole);
    for (int bit = 0; bit < 7; bit++) {
      other[i] = (char)(whole[i] ^ 1 << bit);
      if (other[i] && taken(keys, other)) fail_msg("byte %zu, bit %d", i, bit);
    }
    other[i] = 0;
    assert_false(taken(keys, other));
  }
  assert_false(taken(keys, TEXT));
  assert_false(taken(keys, TEXT "."));
  assert_false(taken(keys, BY_NEW "="));
  pl_keyring_free(&keys);
}

static void a_link_is_the_public_url_and_a_pass_for_one_alert(void **state) {
  (void)state;
  static const char begins[] = "https://pace.example.com/answer/";
  pl_err err;
  pl_keyring *keys = pl_keyring_new();
  pl_answer_linker linker;
  pl_buf link;
  pl_pass pass = {.role = PL_ROLES};
  pl_str text;
  pl_buf_init(&link, 4096);
  pl_answer_linker_init(&linker, keys, NULL);
  linker.linker.put(&linker.linker, PL_STR("ada"), PL_STR("0f3a"), PL_STR("calls"), 7, &link);
  assert_int_equal(link.n, 0);
  assert_int_equal(read_keys(keys, NEW "\n", &err), PL_OK);
  pl_answer_linker_init(&linker, keys, "https://pace.example.com");
  linker.linker.put(&linker.linker, PL_STR("Ada B"), PL_STR("0f3a"), PL_STR("calls"), 1772800000, &link);
  assert_true(link.n > strlen(begins) && memcmp(link.p, begins, strlen(begins)) == 0);
  pl_str token = {link.p + strlen(begins), link.n - strlen(begins)};
  assert_true(pl_keyring_check(keys, token, &text) && pl_pass_decode(text, &pass));
  assert_true(pass.role == PL_ROLE_REP && pass.until_s == 1772800000);
  assert_true(pl_str_is(pass.goal, "calls") && pl_str_is(pass.alert, "0f3a") &&
              pl_str_is(pass.subject, "Ada B"));
  pl_buf_fini(&link);
  pl_keyring_free(&keys);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(the_first_key_signs_and_all_of_them_check, set_up, tear_down),
      cmocka_unit_test_setup_teardown(keys_that_cannot_be_read_leave_those_before, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_token_with_one_thing_changed_is_not_taken, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_link_is_the_public_url_and_a_pass_for_one_alert, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
