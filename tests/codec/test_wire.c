#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "codec/wire.h"

static const pl_wire confluent = {.max_bytes = 64}, plain = {.plain = true, .schema_id = 9, .max_bytes = 64};

static void a_header_gives_the_schema_id_and_the_body(void **state) {
  (void)state;
  int32_t id = 0;
  pl_str body;
  assert_int_equal(pl_wire_get(&confluent, (pl_str){"\0\x01\x02\x03\x04xy", 7}, &id, &body, NULL),
                   PL_APPLIED);
  assert_int_equal(id, 0x01020304);
  assert_true(pl_str_is(body, "xy"));
  assert_int_equal(pl_wire_get(&confluent, (pl_str){"\0\0\0\0\1", 5}, &id, &body, NULL), PL_APPLIED);
  assert_int_equal(body.n, 0);
}

static void what_is_written_is_read_back(void **state) {
  (void)state;
  pl_buf buf;
  pl_buf_init(&buf, 64);
  for (int32_t id = 1, got; id > 0 && id < INT32_MAX / 3; id *= 3) {
    pl_str body;
    pl_buf_clear(&buf);
    pl_wire_put(&buf, id);
    pl_buf_text(&buf, "body");
    assert_int_equal(pl_wire_get(&confluent, pl_buf_str(&buf), &got, &body, NULL), PL_APPLIED);
    assert_int_equal(got, id);
    assert_true(pl_str_is(body, "body"));
  }
  pl_buf_fini(&buf);
}

static void a_plain_topic_has_one_schema(void **state) {
  (void)state;
  int32_t id = 0;
  pl_str body;
  assert_int_equal(pl_wire_get(&plain, PL_STR("\x01z"), &id, &body, NULL), PL_APPLIED);
  assert_int_equal(id, 9);
  assert_true(pl_str_is(body, "\x01z"));
}

static void other_framings_are_named(void **state) {
  (void)state;
  static const struct {
    pl_str value;
    pl_reason reason;
    const char *text;
  } cases[] = {
      {{"", 0}, PL_WIRE, "empty message"},
      {{NULL, 0}, PL_WIRE, "empty message"},
      {{"\0\0\0\1", 4}, PL_WIRE, "4 bytes"},
      {{"\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 17}, PL_WIRE, "GUID"},
      {{"\xC3\x01", 2}, PL_WIRE, "single-object"},
      {{"Obj\1abc", 7}, PL_WIRE, "Avro file"},
      {{"{\"a\":1}", 7}, PL_WIRE, "JSON"},
      {{"\0\0\0\0\1-----------------------------------------------------------------", 70},
       PL_TOO_LARGE,
       "70"},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    int32_t id;
    pl_str body;
    pl_err why = {0};
    assert_int_equal(pl_wire_get(&confluent, cases[i].value, &id, &body, &why), cases[i].reason);
    assert_non_null(strstr(why.text, cases[i].text));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_header_gives_the_schema_id_and_the_body),
      cmocka_unit_test(what_is_written_is_read_back),
      cmocka_unit_test(a_plain_topic_has_one_schema),
      cmocka_unit_test(other_framings_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
