/* CSV rows, a case a line, and the same as Python's csv module in random tables. */
#include "codec/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
/* after what they need */
#include <cmocka.h>

#include "base/mem.h"
#include "core/oracle.h"

enum { TEXT_MAX = 1 << 16 };

/* What a text is read as: "1[a|b] 2[c|d]", a row with the line it begins on; a broken one is "3!". */
static const char *read_all(const char *text, size_t n) {
  static char copy[TEXT_MAX], out[4 * TEXT_MAX];
  pl_buf said = {out, 0, sizeof out, sizeof out, false};
  pl_csv csv;
  pl_csv_row row;
  pl_err err;
  assert_true(n < sizeof copy);
  memcpy(copy, text, n);
  assert_int_equal(pl_csv_init(&csv, copy, n, &err), PL_OK);
  for (;;) {
    pl_status status = pl_csv_next(&csv, &row, &err);
    if (status == PL_OK && row.n == 0) break;
    pl_buf_printf(&said, "%s%lld%s", said.n ? " " : "", (long long)row.line, status == PL_OK ? "[" : "!");
    for (size_t i = 0; status == PL_OK && i < row.n; i++) {
      pl_buf_text(&said, i ? "|" : "");
      pl_buf_str_put(&said, row.fields[i]);
    }
    if (status == PL_OK) pl_buf_char(&said, ']');
  }
  pl_buf_char(&said, 0);
  return out;
}

static const struct {
  const char *text, *rows;
} cases[] = {
    {"", ""},
    {"\n\r\n\n", ""},
    {"a", "1[a]"},
    {"a\n", "1[a]"},
    {"a,b\r\nc,d\r\n", "1[a|b] 2[c|d]"},
    {"\xEF\xBB\xBF"
     "a,b",
     "1[a|b]"},
    {"a,\n", "1[a|]"},
    {",", "1[|]"},
    {"a,b,", "1[a|b|]"},
    {"\n\na\n\nb", "3[a] 5[b]"},
    {"\"\"", "1[]"},
    {"\"a,b\",c", "1[a,b|c]"},
    {"\"a\nb\",c\nd,e", "1[a\nb|c] 3[d|e]"},
    {"\"a\r\nb\"\r\nc", "1[a\r\nb] 3[c]"},
    {"\"say \"\"hi\"\"\",x", "1[say \"hi\"|x]"},
    {"\"\"\"\"", "1[\"]"},
    {"\"\"\"a\"\"\"\nb", "1[\"a\"] 2[b]"},
    {" a , b ", "1[ a | b ]"},
    {"a;b", "1[a;b]"},
    /* broken rows cost their own line and nothing more */
    {"5\" disk,x\na,b", "1! 2[a|b]"},
    {"\"a\"b,c\nd,e", "1! 2[d|e]"},
    {"\"a\" ,c\nd,e", "1! 2[d|e]"},
    {"a,\"never closed\nb,c\nd,e", "1! 2[b|c] 3[d|e]"},
    {"a\rb\nc", "1! 2[c]"},
    {"a,b\r", "1!"},
    {"\"x\"\"y\",\"never\nb", "1! 2[b]"},
};

static void rows_are_those_of_rfc_4180(void **state) {
  (void)state;
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    const char *is = read_all(cases[i].text, strlen(cases[i].text));
    if (strcmp(is, cases[i].rows) != 0)
      fail_msg("case %zu: <%s> is read as <%s>, not as <%s>", i, cases[i].text, is, cases[i].rows);
  }
}

static void the_header_says_what_separates(void **state) {
  (void)state;
  static const struct {
    const char *text;
    char delimiter;
  } headers[] = {{"a,b,c\n", ','}, {"a;b;c\nx,y,z,,,", ';'}, {"a\tb\n", '\t'},   {"a|b|c", '|'}, {"a", ','},
                 {"", ','},        {"\"a,b\";c\n", ';'},     {"a, b;c;d\n", ';'}};
  for (size_t i = 0; i < PL_COUNT(headers); i++) {
    char copy[64];
    pl_csv csv;
    pl_csv_row row;
    pl_err err;
    (void)snprintf(copy, sizeof copy, "%s", headers[i].text);
    assert_int_equal(pl_csv_init(&csv, copy, strlen(copy), &err), PL_OK);
    assert_int_equal(pl_csv_delimiter(&csv), headers[i].delimiter);
    csv.delimiter = headers[i].delimiter;
    assert_int_equal(pl_csv_next(&csv, &row, &err), PL_OK);
  }
}

static void a_nul_byte_costs_its_row(void **state) {
  (void)state;
  char text[] = "a,b\nc\0,d\ne,f\n";
  pl_csv csv;
  pl_csv_row row;
  pl_err err;
  assert_int_equal(pl_csv_init(&csv, text, sizeof text - 1, &err), PL_OK);
  assert_int_equal(pl_csv_next(&csv, &row, &err), PL_OK);
  assert_int_equal(pl_csv_next(&csv, &row, &err), PL_REJECT);
  assert_non_null(strstr(err.text, "NUL byte"));
  assert_int_equal(pl_csv_next(&csv, &row, &err), PL_OK);
  assert_true(row.line == 3 && pl_str_is(row.fields[1], "f"));
}

static int digit(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

/* Bytes out of hexadecimal, up to the first that is none; where that is. */
static char *from_hex(char *p, pl_buf *out) {
  if (*p == '.') return p + 1;
  for (; digit(p[0]) >= 0 && digit(p[1]) >= 0; p += 2)
    pl_buf_char(out, (char)(digit(p[0]) << 4 | digit(p[1])));
  return p;
}

static void rows_are_those_of_pythons_csv(void **state) {
  (void)state;
  static char line[8 * TEXT_MAX];
  int n = 0;
  FILE *in = oracle("../codec/oracle_csv.py", "tables");
  pl_buf text, field;
  pl_buf_init(&text, TEXT_MAX), pl_buf_init(&field, TEXT_MAX);
  for (; fgets(line, sizeof line, in); n++) {
    pl_csv csv;
    pl_csv_row row;
    pl_err err;
    pl_buf_clear(&text);
    char *p = from_hex(line, &text);
    assert_int_equal(pl_csv_init(&csv, text.p, text.n, &err), PL_OK);
    while (*p == ' ' || *p == ';') {
      if (pl_csv_next(&csv, &row, &err) != PL_OK) fail_msg("table %d: %s", n, err.text);
      for (size_t i = 0; i == 0 || *p == ','; i++) {
        pl_buf_clear(&field);
        p = from_hex(p + 1, &field);
        assert_true(i < row.n);
        if (!pl_str_eq(row.fields[i], pl_buf_str(&field))) fail_msg("table %d, line %d", n, (int)row.line);
        if (*p != ',') assert_int_equal(row.n, i + 1);
      }
    }
    assert_int_equal(pl_csv_next(&csv, &row, &err), PL_OK);
    assert_int_equal(row.n, 0);
  }
  assert_int_equal(pclose(in), 0);
  assert_int_equal(n, 3000);
  pl_buf_fini(&text), pl_buf_fini(&field);
}

static void a_field_that_is_written_is_read_again(void **state) {
  (void)state;
  const pl_str fields[] = {PL_STR(""),        PL_STR("plain"), PL_STR("a,b"),   PL_STR("\""),
                           PL_STR("\"x\"\n"), PL_STR("\r\n"),  PL_STR(" one "), PL_STR("\xC3\xA9")};
  for (size_t i = 0; i < PL_COUNT(fields); i++) {
    pl_buf out;
    pl_csv csv;
    pl_csv_row row;
    pl_err err;
    pl_buf_init(&out, 1024);
    pl_buf_text(&out, "x,");
    pl_csv_put(&out, fields[i], ',');
    assert_int_equal(pl_csv_init(&csv, out.p, out.n, &err), PL_OK);
    assert_int_equal(pl_csv_next(&csv, &row, &err), PL_OK);
    assert_int_equal(row.n, 2);
    assert_true(pl_str_eq(row.fields[1], fields[i]));
    pl_buf_fini(&out);
  }
}

static void what_is_beyond_the_bounds_is_refused(void **state) {
  (void)state;
  pl_csv csv;
  pl_csv_row row;
  pl_err err;
  size_t n = PL_CSV_ROW_MAX + 100;
  char *text = pl_alloc(n);
  memset(text, 'a', n);
  text[n - 2] = '\n';
  assert_int_equal(pl_csv_init(&csv, text, n, &err), PL_OK);
  assert_int_equal(pl_csv_next(&csv, &row, &err), PL_REJECT);
  assert_string_equal(err.text, "longer than 1 MiB");
  assert_int_equal(pl_csv_next(&csv, &row, &err), PL_OK);
  assert_int_equal(row.line, 2);
  memset(text, ',', 300);
  text[300] = '\n';
  assert_int_equal(pl_csv_init(&csv, text, 301, &err), PL_OK);
  assert_int_equal(pl_csv_next(&csv, &row, &err), PL_REJECT);
  assert_string_equal(err.text, "more than 256 fields");
  memcpy(text,
         "\xFF\xFE"
         "a",
         4);
  assert_int_equal(pl_csv_init(&csv, text, 4, &err), PL_REJECT);
  pl_release(text, n);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_are_those_of_rfc_4180),
      cmocka_unit_test(the_header_says_what_separates),
      cmocka_unit_test(a_nul_byte_costs_its_row),
      cmocka_unit_test(rows_are_those_of_pythons_csv),
      cmocka_unit_test(a_field_that_is_written_is_read_again),
      cmocka_unit_test(what_is_beyond_the_bounds_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
