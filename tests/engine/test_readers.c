/* What a registry has not got: for how long its no is believed, by a clock of our own. */
#include "engine/readers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"

static const char yaml[] = "schemas: {registry: {urls: [\"http://localhost:1\"]}}\n"
                           "metrics: {calls: {count: call, windows: [day]}}\n";

static pl_mono s(int64_t seconds) { return (pl_mono){seconds * 1000000}; }

static bool is_asked_for(const pl_readers *readers, char id) {
  const char value[] = {0, 0, 0, 0, id, 0};
  int32_t found;
  return pl_readers_lack(readers, (pl_str){value, sizeof value}, &found);
}

static void a_no_is_believed_for_a_minute_and_a_later_one_for_a_minute_of_its_own(void **state) {
  (void)state;
  int64_t live = pl_mem_live();
  pl_config *config;
  pl_readers *readers;
  pl_buf errors;
  pl_err err = {""};
  pl_buf_init(&errors, 1 << 16);
  if (pl_config_parse(&config, "test.yaml", pl_str_of(yaml), NULL, &errors) != PL_OK)
    fail_msg("%.*s", (int)errors.n, errors.p);
  if (pl_readers_new(&readers, config, &err) != PL_OK) fail_msg("%s", err.text);
  const pl_str none = {NULL, 0};
  pl_readers_put(readers, 7, none, "no", s(1000));
  pl_readers_put(readers, 8, none, "no", s(1059));
  pl_readers_put(readers, 9, PL_STR("{"), "", s(1000)); /* it is there, and of no use */
  assert_int_equal(pl_readers_forget(readers, s(1059)).us, s(1060).us);
  assert_false(is_asked_for(readers, 7));
  assert_int_equal(pl_readers_forget(readers, s(1060)).us, s(1119).us);
  assert_true(is_asked_for(readers, 7));
  assert_false(is_asked_for(readers, 8));
  pl_readers_put(readers, 7, none, "no", s(1061));
  assert_int_equal(pl_readers_forget(readers, s(1119)).us, s(1121).us);
  assert_true(is_asked_for(readers, 8));
  assert_int_equal(pl_readers_forget(readers, s(1200)).us, INT64_MAX);
  assert_true(is_asked_for(readers, 7));
  assert_false(is_asked_for(readers, 9));
  pl_readers_free(&readers);
  pl_config_free(&config);
  pl_buf_fini(&errors);
  assert_int_equal(pl_mem_live(), live);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_no_is_believed_for_a_minute_and_a_later_one_for_a_minute_of_its_own)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
