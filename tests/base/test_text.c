/* Text: what a number, a character and a buffer are, as tables: a case a line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/random.h"
#include "base/text.h"

static void an_integer_is_the_whole_text_or_nothing(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int64_t value;
  } must_parse[] = {
      {"0", 0},
      {"-0", 0},
      {"7", 7},
      {"-7", -7},
      {"007", 7},
      {"9223372036854775807", INT64_MAX},
      {"-9223372036854775808", INT64_MIN},
  };
  static const char *const must_not_parse[] = {
      "",
      "-",
      "+1",
      " 1",
      "1 ",
      "1.0",
      "1e3",
      "0x10",
      "abc",
      "--1",
      "1-1",
      "12a",
      "\n1",
      "9223372036854775808",
      "-9223372036854775809",
      "99999999999999999999",
      "\xD9\xA1",
  };
  for (size_t i = 0; i < PL_COUNT(must_parse); i++) {
    int64_t v = 42;
    assert_true(pl_str_int(pl_str_of(must_parse[i].text), &v));
    assert_true(v == must_parse[i].value);
  }
  for (size_t i = 0; i < PL_COUNT(must_not_parse); i++) {
    int64_t v = 42;
    if (pl_str_int(pl_str_of(must_not_parse[i]), &v)) fail_msg("parsed \"%s\"", must_not_parse[i]);
    assert_true(v == 42);
  }
  int64_t v = 42;
  assert_false(pl_str_int((pl_str){"1\0", 2}, &v)); /* a NUL is no end */
}

static void a_real_number_is_finite_decimal_and_without_blanks(void **state) {
  (void)state;
  static const struct {
    const char *text;
    double value;
  } must_parse[] = {
      {"0", 0},      {"1.5", 1.5},       {"-1.5", -1.5},
      {"1e3", 1000}, {"-2.5E-1", -0.25}, {"12345678.125", 12345678.125},
  };
  static const char *const must_not_parse[] = {
      "",     " 1",    "\t1",    "\n1", "\v1", "\f1",      "\r1",   "1 ",   "1,5",
      "abc",  "inf",   "-inf",   "nan", "NAN", "INFINITY", "1e999", "0x10", "0x1p3",
      "-0x1", "1.5.2", "nan(1)", "e3",  "-",   ".",        "1e",    "--1",
  };
  for (size_t i = 0; i < PL_COUNT(must_parse); i++) {
    double v = 42;
    assert_true(pl_str_double(pl_str_of(must_parse[i].text), &v));
    assert_true(v == must_parse[i].value);
  }
  for (size_t i = 0; i < PL_COUNT(must_not_parse); i++) {
    double v = 42;
    if (pl_str_double(pl_str_of(must_not_parse[i]), &v)) fail_msg("parsed \"%s\"", must_not_parse[i]);
    assert_true(v == 42);
  }
  double v = 42;
  assert_false(pl_str_double((pl_str){"1\0", 2}, &v));
}

static void a_decimal_keeps_every_digit_or_is_refused(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int decimals;
    int64_t value;
  } must_parse[] = {
      {"0", 0, 0},
      {"12", 0, 12},
      {"12", 2, 1200},
      {"12.5", 2, 1250},
      {"-12.5", 1, -125},
      {"0.01", 2, 1},
      {"12.50", 1, 125},
      {"12.5000", 1, 125},
      {"-0.5", 2, -50},
      {"12.00", 0, 12},
      {"92233720368547758.07", 2, INT64_MAX},
      {"-92233720368547758.07", 2, -INT64_MAX},
      {"9223372036854775807", 0, INT64_MAX},
  };
  static const struct {
    const char *text;
    int decimals;
  } must_not_parse[] = {
      {"", 2},
      {"-", 2},
      {".", 2},
      {"-.", 2},
      {"12.5", 0},
      {"12.345", 2},
      {"1,5", 2},
      {"1e3", 2},
      {"+1", 2},
      {" 1", 2},
      {"1 ", 2},
      {"1.2.3", 2},
      {"abc", 2},
      {"0x1", 2},
      {"92233720368547758.08", 2},
      {"9223372036854775808", 0},
      {"1", 19},
      {"99999999999", 9},
  };
  for (size_t i = 0; i < PL_COUNT(must_parse); i++) {
    int64_t v = 42;
    if (!pl_str_decimal(pl_str_of(must_parse[i].text), must_parse[i].decimals, &v) ||
        v != must_parse[i].value)
      fail_msg("\"%s\" with %d decimals", must_parse[i].text, must_parse[i].decimals);
  }
  for (size_t i = 0; i < PL_COUNT(must_not_parse); i++) {
    int64_t v = 42;
    if (pl_str_decimal(pl_str_of(must_not_parse[i].text), must_not_parse[i].decimals, &v))
      fail_msg("parsed \"%s\" with %d decimals", must_not_parse[i].text, must_not_parse[i].decimals);
    assert_true(v == 42);
  }
}

static pl_buf buf_of(void) {
  pl_buf buf;
  pl_buf_init(&buf, 4096);
  return buf;
}

static void a_decimal_is_written_as_it_is_read(void **state) {
  (void)state;
  static const struct {
    int64_t scaled;
    int decimals;
    const char *text;
  } table[] = {
      {1234, 2, "12.34"},
      {1200, 2, "12"},
      {-1250, 2, "-12.5"},
      {5, 2, "0.05"},
      {-5, 2, "-0.05"},
      {0, 2, "0"},
      {7, 0, "7"},
      {INT64_MAX, 0, "9223372036854775807"},
      {INT64_MIN, 0, "-9223372036854775808"},
      {INT64_MIN, 2, "-92233720368547758.08"},
  };
  for (size_t i = 0; i < PL_COUNT(table); i++) {
    pl_buf buf = buf_of();
    pl_buf_decimal(&buf, table[i].scaled, table[i].decimals);
    pl_buf_char(&buf, 0);
    assert_string_equal(buf.p, table[i].text);
    pl_buf_fini(&buf);
  }
  pl_random r = pl_random_of(pl_random_seed(1));
  for (int i = 0; i < 100000; i++) {
    int64_t v = (int64_t)pl_random_next(&r) >> pl_random_in(&r, 1, 63), back = 0;
    int decimals = (int)pl_random_in(&r, 0, 6);
    pl_buf buf = buf_of();
    pl_buf_decimal(&buf, v, decimals);
    assert_true(pl_str_decimal(pl_buf_str(&buf), decimals, &back));
    assert_true(back == v);
    pl_buf_clear(&buf), pl_buf_int(&buf, v);
    assert_true(pl_str_int(pl_buf_str(&buf), &back) && back == v);
    pl_buf_fini(&buf);
  }
}

/* Random bits, and halves of the last digit with their neighbours: printf is right about all of them. */
static void a_double_is_written_as_printf_does(void **state) {
  (void)state;
  pl_random r = pl_random_of(pl_random_seed(1));
  for (int i = 0; i < 200000; i++) {
    int decimals = (int)pl_random_in(&r, 0, 11);
    double v;
    uint64_t bits = pl_random_next(&r);
    memcpy(&v, &bits, sizeof v);
    if (i % 2)
      v = ((double)(int64_t)(bits >> pl_random_in(&r, 1, 63)) + 0.5) /
          pow(10, (double)pl_random_in(&r, 0, 9));
    if (i % 4 == 3) v = nextafter(v, pl_random_in(&r, 0, 1) ? INFINITY : -INFINITY);
    if (i % 16 < 8) v = -v;
    char expected[400];
    (void)snprintf(expected, sizeof expected, "%.*f", decimals, v);
    pl_buf buf = buf_of();
    pl_buf_real(&buf, v, decimals);
    pl_buf_char(&buf, 0);
    if (strcmp(buf.p, expected) != 0)
      fail_msg("%a with %d decimals: %s, not %s", v, decimals, buf.p, expected);
    pl_buf_fini(&buf);
  }
}

/* Unicode 15, table 3-7, by code points: the encoder here writes what a decoder must accept. */
static size_t encode(uint32_t c, char out[4]) {
  if (c < 0x80) return out[0] = (char)c, 1;
  if (c < 0x800) return out[0] = (char)(0xC0 | c >> 6), out[1] = (char)(0x80 | (c & 63)), 2;
  if (c < 0x10000)
    return out[0] = (char)(0xE0 | c >> 12), out[1] = (char)(0x80 | (c >> 6 & 63)),
           out[2] = (char)(0x80 | (c & 63)), 3;
  return out[0] = (char)(0xF0 | c >> 18), out[1] = (char)(0x80 | (c >> 12 & 63)),
         out[2] = (char)(0x80 | (c >> 6 & 63)), out[3] = (char)(0x80 | (c & 63)), 4;
}

static void every_code_point_but_the_surrogates_is_a_character(void **state) {
  (void)state;
  char text[16] = "abcdefgh"; /* behind a whole word of ASCII, and without one */
  for (uint32_t c = 0; c < 0x120000; c++) {
    size_t n = encode(c, text + 8);
    bool well = c < 0x110000 && !(c >= 0xD800 && c < 0xE000);
    bool control = (c < 0x20 && c != '\t') || (c >= 0x7F && c < 0xA0);
    for (size_t from = 0; from <= 8; from += 8) {
      pl_str s = {text + from, 8 - from + n};
      if (pl_str_utf8(s) != well || pl_str_clean(s) != (well && !control)) fail_msg("U+%04X", c);
    }
  }
}

static void malformed_utf8_is_refused_wherever_it_stands(void **state) {
  (void)state;
  static const char *const bad[] = {
      "\x80",
      "\xBF",
      "\xC0\x80",
      "\xC1\xBF",
      "\xC2",
      "\xC2\x41",
      "\xE0\x80\x80",
      "\xE0\x9F\xBF",
      "\xED\xA0\x80",
      "\xED\xBF\xBF",
      "\xE2\x82",
      "\xE2\x28\xA1",
      "\xF0\x80\x80\x80",
      "\xF0\x8F\xBF\xBF",
      "\xF4\x90\x80\x80",
      "\xF5\x80\x80\x80",
      "\xF0\x9F\x98",
      "\xFE",
      "\xFF",
      "\xF8\x88\x80\x80\x80",
  };
  for (size_t i = 0; i < PL_COUNT(bad); i++)
    for (size_t before = 0; before < 18; before++)
      for (size_t after = 0; after < 18; after += 17) {
        char text[64];
        size_t n = strlen(bad[i]);
        memset(text, 'x', sizeof text);
        memcpy(text + before, bad[i], n);
        pl_str s = {text, before + n + after};
        if (pl_str_utf8(s) || pl_str_clean(s)) fail_msg("case %zu behind %zu bytes", i, before);
      }
  assert_true(pl_str_clean((pl_str){NULL, 0}) && pl_str_utf8((pl_str){NULL, 0}));
}

static void a_json_string_is_ascii_safe_and_keeps_what_is_valid(void **state) {
  (void)state;
  static const struct {
    pl_str in;
    const char *out;
  } table[] = {
      {{"", 0}, "\"\""},
      {{"a\"b\\c", 5}, "\"a\\\"b\\\\c\""},
      {{"\0\x1f\x7f", 3}, "\"\\u0000\\u001f\\u007f\""},
      {{"\xC3\xA4", 2}, "\"\xC3\xA4\""},
      {{"a\xC3", 2}, "\"a\xEF\xBF\xBD\""},
      {{"\xED\xA0\x80", 3}, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
      {{"</script>", 9}, "\"</script>\""},
  };
  for (size_t i = 0; i < PL_COUNT(table); i++) {
    pl_buf buf = buf_of();
    pl_buf_json(&buf, table[i].in);
    pl_buf_char(&buf, 0);
    assert_string_equal(buf.p, table[i].out);
    pl_buf_fini(&buf);
  }
}

static void a_varint_comes_back_and_a_cut_one_does_not(void **state) {
  (void)state;
  static const uint64_t edges[] = {0,     1,          127,        128,        16383,
                                   16384, UINT32_MAX, 1ULL << 63, UINT64_MAX, INT64_MAX};
  static const int64_t signs[] = {0, -1, 1, 63, -64, 64, -65, INT64_MAX, INT64_MIN, INT32_MIN};
  pl_random r = pl_random_of(pl_random_seed(2));
  for (size_t i = 0; i < 100000; i++) {
    uint64_t u = i < PL_COUNT(edges) ? edges[i] : pl_random_next(&r) >> pl_random_in(&r, 0, 63);
    int64_t v = i < PL_COUNT(signs) ? signs[i] : (int64_t)pl_random_next(&r) >> pl_random_in(&r, 0, 63);
    pl_buf buf = buf_of();
    pl_buf_varint(&buf, u);
    size_t first = buf.n;
    pl_buf_zigzag(&buf, v);
    pl_reader in = pl_reader_of(pl_buf_str(&buf));
    assert_true(pl_read_varint(&in) == u && pl_read_zigzag(&in) == v && !in.bad && in.p == in.end);
    assert_true(pl_read_varint(&in) == 0 && in.bad); /* the end */
    for (size_t cut = 0; cut < first; cut++) {
      pl_reader less = pl_reader_of((pl_str){buf.p, cut});
      assert_true(pl_read_varint(&less) == 0 && less.bad);
      assert_true(pl_read_u64(&less) == 0 && pl_read_bytes(&less, 0).n == 0); /* bad stays bad */
    }
    pl_buf_fini(&buf);
  }
  static const char *const too_long[] = {"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02",
                                         "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"};
  for (size_t i = 0; i < PL_COUNT(too_long); i++) {
    pl_reader in = pl_reader_of(pl_str_of(too_long[i]));
    (void)pl_read_varint(&in);
    assert_true(in.bad);
  }
}

static void a_buffer_stops_at_its_maximum_and_says_so(void **state) {
  (void)state;
  int64_t live = pl_mem_live();
  pl_buf buf;
  pl_buf_init(&buf, 300);
  for (int i = 0; i < 300; i++) pl_buf_char(&buf, 'x');
  assert_false(buf.full);
  pl_buf_char(&buf, 'y');
  assert_true(buf.full && buf.n == 300);
  pl_buf_text(&buf, "");
  assert_true(buf.full); /* until it is cleared */
  pl_buf_clear(&buf);
  pl_buf_put(&buf, "abc", 3);
  assert_true(!buf.full && buf.n == 3 && memcmp(buf.p, "abc", 3) == 0);
  pl_buf_printf(&buf, "%5000s", "");
  assert_true(buf.full && buf.n == 3); /* all or nothing */
  assert_null(pl_buf_more(&buf, SIZE_MAX));
  pl_buf_fini(&buf);
  assert_int_equal(pl_mem_live(), live);
}

static void nothing_put_into_an_empty_buffer_touches_no_memory(void **state) {
  (void)state;
  pl_buf buf;
  pl_buf_init(&buf, 10);
  pl_buf_put(&buf, NULL, 0); /* was arithmetic on a null pointer, which the sanitizer ends */
  pl_buf_text(&buf, "");
  assert_true(buf.n == 0 && !buf.full);
  pl_buf_fini(&buf);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_put_into_an_empty_buffer_touches_no_memory),
      cmocka_unit_test(an_integer_is_the_whole_text_or_nothing),
      cmocka_unit_test(a_real_number_is_finite_decimal_and_without_blanks),
      cmocka_unit_test(a_decimal_keeps_every_digit_or_is_refused),
      cmocka_unit_test(a_decimal_is_written_as_it_is_read),
      cmocka_unit_test(a_double_is_written_as_printf_does),
      cmocka_unit_test(every_code_point_but_the_surrogates_is_a_character),
      cmocka_unit_test(malformed_utf8_is_refused_wherever_it_stands),
      cmocka_unit_test(a_json_string_is_ascii_safe_and_keeps_what_is_valid),
      cmocka_unit_test(a_varint_comes_back_and_a_cut_one_does_not),
      cmocka_unit_test(a_buffer_stops_at_its_maximum_and_says_so),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
