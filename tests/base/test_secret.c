/* Secret: what a file holds, and what of it a message may say: nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"

static char folder[64], path[96];

static int set_up(void **state) {
  (void)state;
  (void)snprintf(folder, sizeof folder, "%s", "secret-XXXXXX");
  if (!mkdtemp(folder)) return -1;
  (void)snprintf(path, sizeof path, "%s/password", folder);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  return unlink(path) || rmdir(folder);
}

static void write_file(const char *text, size_t n) {
  FILE *f = fopen(path, "we");
  assert_non_null(f);
  assert_int_equal(fwrite(text, 1, n, f), n);
  assert_int_equal(fclose(f), 0);
}

static void what_stands_there_is_read_without_the_end_of_its_last_line(void **state) {
  (void)state;
  static const char *const cases[][2] = {{"canary", "canary"},
                                         {"canary\n", "canary"},
                                         {"canary\r\n", "canary"},
                                         {" a b \n\n", " a b "},
                                         {"a\nb\n", "a\nb"}};
  char text[64];
  pl_err err;
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    write_file(cases[i][0], strlen(cases[i][0]));
    assert_int_equal(pl_secret_read(path, text, sizeof text, &err), PL_OK);
    assert_string_equal(text, cases[i][1]);
  }
}

static void refuses(const char *where, const char *text, size_t n, const char *why) {
  char out[16];
  pl_err err = {""};
  write_file(text, n);
  assert_int_equal(pl_secret_read(where, out, sizeof out, &err), PL_REJECT);
  if (!strstr(err.text, why)) fail_msg("%s: %s", err.text, why);
  assert_null(strstr(err.text, "canary"));
}

static void what_is_no_secret_is_refused_and_not_quoted(void **state) {
  (void)state;
  refuses(path, "", 0, "/password is empty");
  refuses(path, "\n\n", 2, "/password is empty");
  refuses(path, "canary-canary-ca", 16, "/password is longer than 15 bytes");
  refuses(path, "canary\0x", 8, "/password is no text: it has a NUL byte");
  refuses("secret-is-not-there", "canary", 6, "secret-is-not-there cannot be read: No such file");
  refuses(folder, "canary", 6, "cannot be read: Is a directory");
}

static void a_credential_is_found_in_the_folder_that_systemd_names(void **state) {
  (void)state;
  char text[16];
  pl_err err;
  refuses("$CREDENTIALS_DIRECTORY/password", "canary", 6, "there is no CREDENTIALS_DIRECTORY");
  assert_int_equal(setenv("CREDENTIALS_DIRECTORY", folder, 1), 0);
  assert_int_equal(pl_secret_read("$CREDENTIALS_DIRECTORY/password", text, sizeof text, &err), PL_OK);
  assert_string_equal(text, "canary");
  assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_stands_there_is_read_without_the_end_of_its_last_line),
      cmocka_unit_test(what_is_no_secret_is_refused_and_not_quoted),
      cmocka_unit_test(a_credential_is_found_in_the_folder_that_systemd_names),
  };
  (void)unsetenv("CREDENTIALS_DIRECTORY");
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
